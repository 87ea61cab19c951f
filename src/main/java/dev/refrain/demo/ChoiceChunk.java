package dev.refrain.demo;

import dev.refrain.demo.Vocabulary.Token;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Part of a choice: what one event carries, or all of it.
 *
 * @param index of the choice
 * @param tokens in order; may be empty
 * @param offset code points of the choice before this piece
 * @param finish why the text ends here, or null if it goes on
 * @param cost tokens generated, whether or not they can be seen
 */
record ChoiceChunk(int index, List<Token> tokens, int offset, String finish, int cost) {
  String text() {
    return tokens.stream().map(Token::text).collect(Collectors.joining());
  }

  int length() {
    return tokens.stream().mapToInt(Token::length).sum();
  }

  /** The same text, but as if it had never come to an end. */
  ChoiceChunk unfinished() {
    return new ChoiceChunk(index, tokens, offset, null, cost);
  }
}
