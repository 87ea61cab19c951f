package dev.refrain.openai;

/** The shapes a request field's value may have. */
public enum FieldType {
  /** A string. */
  TEXT,
  /** A whole number; also spelled as a string. */
  INTEGER,
  /** A number; also spelled as a string. */
  NUMBER,
  /** True or false; also spelled as a string. */
  FLAG,
  /** A string, strings, tokens, or arrays of tokens: each is the input of a call of its own. */
  INPUTS,
  /** The same, and anything else is one input, or inputs that depend on each other. */
  OPEN_INPUTS,
  /** A string, or several. */
  STOP,
  /** An object from token ids to numbers, or an array. */
  BIAS,
  /** An array of one message at least. */
  MESSAGES,
  /** An array of strings; an answer with audio has ids that expire. */
  MODALITIES,
  /** {@code stream_options}. */
  STREAM_OPTIONS,
  /** Any value; only the upstream interprets it. */
  ANY
}
