package dev.refrain.demo;

import java.util.List;
import java.util.SplittableRandom;

/**
 * The words a simulated model knows. Some need several bytes, a surrogate pair or an escape in
 * JSON, because those are where carriers of text go wrong.
 */
final class Vocabulary {
  private static final List<String> WORDS =
      List.of(
          " the",
          " a",
          " verse",
          " song",
          " voice",
          " river",
          " night",
          " morning",
          " bird",
          " sings",
          " returns",
          " waits",
          " listens",
          " answers",
          " again",
          " once",
          " softly",
          " and",
          " but",
          " then",
          " under",
          " over",
          " through",
          " naïve",
          " déjà",
          " 歌",
          " 夜",
          " 🎵",
          " \"hush\"",
          " back\\slash",
          ",",
          ".",
          "\n",
          " Straße",
          " refrain",
          " echo");

  private Vocabulary() {}

  /** The word of any number, also of one that no vocabulary is large enough for. */
  static String word(long id) {
    return WORDS.get((int) Math.floorMod(id, (long) WORDS.size()));
  }

  /** Draws a token. */
  static Token draw(SplittableRandom random) {
    int word = random.nextInt(WORDS.size());
    return new Token(WORDS.get(word), word, logprob(random.nextInt(2000)));
  }

  /** A token of a prompt, whose probability only depends on its place. */
  static Token given(String text, int position) {
    return new Token(text, position, position == 0 ? Double.NaN : logprob(position % 2000));
  }

  private static double logprob(int thousandths) {
    return -(thousandths + 1) / 1000.0;
  }

  /**
   * One token of a text.
   *
   * @param text as written, its leading space included
   * @param word its place in the {@link Vocabulary}
   * @param logprob natural logarithm of its probability; NaN where a model has none to give, as for
   *     the first token of an echoed prompt
   */
  record Token(String text, int word, double logprob) {
    /** The same token, ended early by a stop sequence. */
    Token cut(int length) {
      return new Token(text.substring(0, length), word, logprob);
    }

    /** Length in Unicode code points, the unit of {@code text_offset}. */
    int length() {
      return text.codePointCount(0, text.length());
    }
  }
}
