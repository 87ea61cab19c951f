package dev.refrain.demo;

import io.vertx.core.json.JsonArray;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One text to complete.
 *
 * @param identity distinguishes what a model would distinguish: {@code "1"} is not {@code [1]}
 * @param tokens its text, taken apart at white space
 */
record Prompt(String identity, List<String> tokens) {
  private static final Pattern BEFORE_SPACE = Pattern.compile("(?<=\\S)(?=\\s)");

  static Prompt text(String text) {
    List<String> tokens = BEFORE_SPACE.splitAsStream(text).filter(t -> !t.isEmpty()).toList();
    return new Prompt("text:" + text, tokens);
  }

  /** A prompt of token numbers, spelled in the words of the {@link Vocabulary}. */
  static Prompt tokens(JsonArray numbers) {
    Stream<Number> ids = numbers.stream().map(Number.class::cast);
    List<String> tokens = ids.map(id -> Vocabulary.word(id.longValue())).toList();
    return new Prompt("tokens:" + numbers.encode(), tokens);
  }
}
