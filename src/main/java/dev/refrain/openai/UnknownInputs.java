package dev.refrain.openai;

import dev.refrain.json.JsonCursor;
import java.io.IOException;

/**
 * Tells the four shapes of a field of inputs (a string, strings, tokens, arrays of tokens) from all
 * others, which are not taken apart.
 *
 * <p>Source: the OpenAI API reference, Embeddings; for other shapes the documents of Jina, vLLM and
 * llama.cpp.
 */
final class UnknownInputs {
  private UnknownInputs() {}

  /**
   * How many elements an answer to inputs of another shape is likely to have: one for each element
   * of an array, but one for an array that begins with a token, which is a single input.
   *
   * @param cursor before the value
   * @return 0 if the value has one of the four shapes
   */
  static int count(JsonCursor cursor) throws IOException {
    byte first = cursor.peek();
    if (first != '[') {
      return first == '"' ? 0 : 1;
    }
    if (!cursor.enter('[', ']')) {
      return 0; // refused where the four shapes are read
    }
    byte kind = kind(cursor);
    boolean known = kind == '"' || kind == '0' || kind == '[';
    int count = 0;
    do {
      known &= kind(cursor) == kind;
      known &= passed(cursor);
      count++;
    } while (cursor.another(']'));
    return known ? 0 : kind == '0' ? 1 : count;
  }

  /** Passes an element; false if it is an array of other things than numbers. */
  private static boolean passed(JsonCursor cursor) throws IOException {
    boolean numbers = true;
    if (cursor.peek() != '[') {
      cursor.value();
    } else if (cursor.enter('[', ']')) {
      do {
        numbers &= kind(cursor) == '0';
        cursor.value();
      } while (cursor.another(']'));
    }
    return numbers;
  }

  /** The byte that the value begins with, or 0 for any number. */
  private static byte kind(JsonCursor cursor) throws IOException {
    byte first = cursor.peek();
    return first == '-' || first >= '0' && first <= '9' ? (byte) '0' : first;
  }
}
