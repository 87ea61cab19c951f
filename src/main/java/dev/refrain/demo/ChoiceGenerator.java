package dev.refrain.demo;

import dev.refrain.demo.Vocabulary.Token;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Writes one choice, token by token, from a number that decides all of it.
 *
 * <p>Draws a little ahead of what it says, as far as a stop sequence may reach, so that nothing is
 * said that a stop sequence takes back.
 */
final class ChoiceGenerator {
  private static final String LENGTH = "length";
  private static final String STOP = "stop";

  private final int index;
  private final StopSequences stopSequences;
  private final SplittableRandom random;
  private final Deque<Token> ahead = new ArrayDeque<>();
  private final StringBuilder aheadText = new StringBuilder();
  private List<Token> prelude;
  private int undrawn;
  private int offset;
  private String finish;

  ChoiceGenerator(int index, SimulatedRequest request, Prompt prompt, long start) {
    this.index = index;
    this.stopSequences = request.stopSequences();
    this.random = new SplittableRandom(start);
    this.undrawn = request.maxTokens();
    this.prelude = request.echo() ? given(prompt) : List.of();
  }

  boolean done() {
    return finish != null;
  }

  /** The next token; the first time with an echoed prompt before it. */
  ChoiceChunk next() {
    List<Token> tokens = new ArrayList<>(prelude);
    prelude = List.of();
    int cost = generate(tokens);
    ChoiceChunk choiceChunk = new ChoiceChunk(index, tokens, offset, finish, cost);
    offset += choiceChunk.length();
    return choiceChunk;
  }

  /** All that is left to say. */
  ChoiceChunk rest() {
    List<Token> tokens = new ArrayList<>();
    int from = offset;
    int cost = 0;
    while (!done()) {
      ChoiceChunk choiceChunk = next();
      tokens.addAll(choiceChunk.tokens());
      cost += choiceChunk.cost();
    }
    return new ChoiceChunk(index, tokens, from, finish, cost);
  }

  private int generate(List<Token> tokens) {
    draw();
    if (ahead.isEmpty()) {
      finish = LENGTH;
      return 0;
    }
    int stop = stopSequences.earliest(aheadText);
    Token token = ahead.poll();
    aheadText.delete(0, token.text().length());
    if (stop >= 0 && stop < token.text().length()) {
      stopAt(stop, token, tokens);
    } else {
      tokens.add(token);
      finish = undrawn == 0 && ahead.isEmpty() ? LENGTH : null;
    }
    return 1;
  }

  private void stopAt(int length, Token token, List<Token> tokens) {
    if (length > 0) {
      tokens.add(token.cut(length));
    }
    finish = STOP;
  }

  private void draw() {
    while (undrawn > 0 && !seesFarEnough()) {
      Token token = Vocabulary.draw(random);
      ahead.add(token);
      aheadText.append(token.text());
      undrawn--;
    }
  }

  private boolean seesFarEnough() {
    return !ahead.isEmpty()
        && aheadText.length() >= ahead.peek().text().length() + stopSequences.longest();
  }

  private static List<Token> given(Prompt prompt) {
    List<Token> tokens = new ArrayList<>(prompt.tokens().size());
    for (String text : prompt.tokens()) {
      tokens.add(Vocabulary.given(text, tokens.size()));
    }
    return tokens;
  }

  /**
   * Sequences that end a text and do not appear in it.
   *
   * @param sequences none empty
   */
  record StopSequences(List<String> sequences) {
    /** Length of the longest sequence; 0 without any. */
    int longest() {
      return sequences.stream().mapToInt(String::length).max().orElse(0);
    }

    /** Where in {@code text} the earliest sequence begins, or -1. */
    int earliest(CharSequence text) {
      if (sequences.isEmpty()) {
        return -1;
      }
      String searched = text.toString();
      return sequences.stream().mapToInt(searched::indexOf).filter(at -> at >= 0).min().orElse(-1);
    }
  }
}
