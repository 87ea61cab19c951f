package dev.refrain.openai;

import dev.refrain.json.Slice.Span;
import java.io.IOException;
import java.util.List;

/**
 * Positions in an answer, or in a chunk, of the values that differ between parts: id, choices and
 * their indexes, usage. Holds places only, not the bytes.
 *
 * @param id the id's value; null if there is none
 * @param array the choices, brackets included; null if there are none or they are {@code null}
 * @param choices in the order in which they are written
 * @param usage its value; null if there is none or it is {@code null}
 * @param usageCut what to take away for the usage to be gone, one of the commas around it included
 * @param error whether it contains an error
 */
record AnswerLayout(
    Span id, Span array, List<Choice> choices, Span usage, Span usageCut, boolean error) {

  /**
   * Finds the places in {@code bytes[from, to)}.
   *
   * @throws IOException when it is not a valid JSON object, or when it says twice what can be said
   *     once: then readers do not agree on what it says
   */
  static AnswerLayout of(AnswerShape shape, byte[] bytes, int from, int to) throws IOException {
    return new LayoutScan(shape, bytes, from, to).layout();
  }
}
