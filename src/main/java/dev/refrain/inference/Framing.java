package dev.refrain.inference;

/** Form of an answer: one document or a stream of server-sent events. */
public enum Framing {
  /** One document with a known end. */
  WHOLE,
  /** {@code text/event-stream}, data only. */
  STREAM
}
