package dev.refrain.openai;

/** What several choices of one prompt mean at temperature zero. */
public enum Repetition {
  /** One answer, given several times: it is asked for once. */
  REPLICATE,
  /** As many answers, each asked for and kept alone, however alike. */
  EACH,
  /** One call that asks for all of them. */
  NATIVE
}
