package dev.refrain.openai;

import dev.refrain.inference.Content;
import dev.refrain.json.Edits;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/**
 * Positions of the prompts in the body and in the canonical form. Four numbers a prompt; the texts
 * stay where they are.
 */
final class PromptSpans {
  /** One prompt, which is wherever the field is; also where there is none. */
  static final PromptSpans SINGLE = new PromptSpans();

  private static final int WIDTH = 4;

  private int[] places = {};
  private int open;
  private int close;
  private int count;
  private boolean divisible = true;

  private PromptSpans() {}

  /** So many inputs that are not taken apart. */
  static PromptSpans undivided(int count) {
    PromptSpans spans = new PromptSpans();
    spans.count = count;
    spans.divisible = false;
    return spans;
  }

  /** No prompts yet, in an array that opens at {@code open} in the body. */
  PromptSpans(int open) {
    this.open = open;
    this.places = new int[8 * WIDTH];
  }

  /** The next prompt: {@code [from, to)} in the body, and the same of its canonical form. */
  void add(int from, int to, int canonicalFrom, int canonicalTo) {
    int at = count++ * WIDTH;
    if (at == places.length) {
      places = Arrays.copyOf(places, at * 2);
    }
    places[at] = from;
    places[at + 1] = to;
    places[at + 2] = canonicalFrom;
    places[at + 3] = canonicalTo;
  }

  /** There are no more; the array ends before {@code end}. */
  void close(int end) {
    close = end;
  }

  /** Whether each of them is known, and can be sent without the others. */
  boolean areDivisible() {
    return divisible;
  }

  /** How many prompts there are. */
  int count() {
    return Math.max(1, count);
  }

  /** Leaves of the array nothing but the prompt, as it is written. */
  void keep(int prompt, Edits edits) {
    edits.replace(open, places[prompt * WIDTH], "");
    edits.replace(places[prompt * WIDTH + 1], close, "");
  }

  /** Leaves of the array these prompts, as they are written, in this order. */
  void keep(List<Integer> prompts, Buffer original, Edits edits) {
    StringJoiner kept = new StringJoiner(",", "[", "]");
    for (int prompt : prompts) {
      kept.add(original.getString(places[prompt * WIDTH], places[prompt * WIDTH + 1]));
    }
    edits.replace(open, close, kept.toString());
  }

  /** How much of the input a prompt is: its tokens where it is written as such, else its bytes. */
  Content.Input input(int prompt, Buffer original) {
    int from = places[prompt * WIDTH];
    int to = places[prompt * WIDTH + 1];
    if (original.getByte(from) != '[') {
      return new Content.Input(to - from, false);
    }
    long tokens = 1;
    for (int at = from; at < to; at++) {
      tokens += original.getByte(at) == ',' ? 1 : 0;
    }
    return new Content.Input(tokens, true);
  }

  /** First byte of its canonical form. */
  int canonicalFrom(int prompt) {
    return places[prompt * WIDTH + 2];
  }

  /** Byte after the last of it. */
  int canonicalTo(int prompt) {
    return places[prompt * WIDTH + 3];
  }
}
