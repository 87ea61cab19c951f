package dev.refrain.inference;

import io.vertx.core.buffer.Buffer;

/**
 * One of the calls that a request is made of, and where its choices stand in the answer. Choice
 * {@code c} of its own answer becomes the choices {@code first + c + k × choices} of the whole one,
 * for each copy {@code k}; how many choices it has says {@link InferenceRequest#elements}.
 *
 * @param request a request of its own: looked up, shared and kept like any other
 * @param group parts of one group were given the same input, which an answer counts once
 * @param first the index of its first choice in the whole answer
 * @param copies how often its choices stand in the whole answer; at least 1
 */
public record Part(InferenceRequest request, int group, int first, int copies) {

  /** The index in the whole answer of one of its choices. */
  public int index(int choice, int copy) {
    return first + choice + copy * request.elements();
  }

  /**
   * A part and its answer.
   *
   * @param body a document, never modified
   */
  public record Answer(Part part, Buffer body) {}
}
