package dev.refrain.inference;

/**
 * The form in which a request wants its answer.
 *
 * @param framing a document or a stream
 * @param usage whether a streamed answer ends with its usage
 * @param elements the number of choices in a complete answer; at least 1
 */
public record ResponseForm(Framing framing, boolean usage, int elements) {
  /** The same, framed otherwise. */
  public ResponseForm with(Framing otherFraming, boolean otherUsage) {
    return new ResponseForm(otherFraming, otherUsage, elements);
  }
}
