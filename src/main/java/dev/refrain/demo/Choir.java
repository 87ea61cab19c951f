package dev.refrain.demo;

import java.util.ArrayList;
import java.util.List;

/** All choices of one answer; the voice of prompt i, sample j has index i * n + j. */
final class Choir {
  private final List<Voice> voices = new ArrayList<>();

  Choir(Question question, long call) {
    for (int i = 0; i < question.prompts().size(); i++) {
      for (int j = 0; j < question.n(); j++) {
        long start = question.start(i, j, call);
        voices.add(new Voice(voices.size(), question, question.prompts().get(i), start));
      }
    }
  }

  boolean done() {
    return voices.isEmpty();
  }

  /** One token of every voice that has not finished. */
  List<Piece> step() {
    List<Piece> pieces = voices.stream().map(Voice::next).toList();
    voices.removeIf(Voice::done);
    return pieces;
  }

  /** Every choice to its end, in the order of the indexes. */
  List<Piece> rest() {
    List<Piece> pieces = voices.stream().map(Voice::rest).toList();
    voices.clear();
    return pieces;
  }
}
