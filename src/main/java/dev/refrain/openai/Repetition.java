package dev.refrain.openai;

/** Meaning of several choices of one prompt at temperature 0. */
public enum Repetition {
  /** One answer, given several times: it is asked for once. */
  REPLICATE,
  /** As many answers, each asked for and kept alone, however alike. */
  EACH,
  /** One call that asks for all of them. */
  NATIVE
}
