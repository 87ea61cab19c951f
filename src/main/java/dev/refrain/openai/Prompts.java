package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.completion.Failure;
import java.io.IOException;

/**
 * Reads {@code prompt}: a string, strings, tokens, or arrays of tokens, told apart by type: {@code
 * "1"}, {@code ["1"]}, {@code [1]} and {@code [[1]]} are one text, one text, one token array and
 * one token array. Written canonically as an array of prompts.
 */
final class Prompts {
  private static final String SHAPES =
      "must be a string, an array of strings, an array of tokens, or an array of token arrays";

  private Prompts() {}

  /** Returns how many prompts there are. */
  static int read(JsonParser in, Canonical canonical) throws IOException {
    switch (in.currentToken()) {
      case VALUE_STRING -> {
        canonical.ascii("[");
        canonical.value(in);
        canonical.ascii("]");
        return 1;
      }
      case START_ARRAY -> {
        return array(in, canonical);
      }
      default -> throw Failure.invalid("prompt", SHAPES);
    }
  }

  private static int array(JsonParser in, Canonical canonical) throws IOException {
    switch (in.nextToken()) {
      case VALUE_STRING -> {
        return texts(in, canonical);
      }
      case VALUE_NUMBER_INT -> {
        canonical.ascii("[");
        tokens(in, canonical);
        canonical.ascii("]");
        return 1;
      }
      case START_ARRAY -> {
        return tokenArrays(in, canonical);
      }
      case END_ARRAY -> throw Failure.invalid("prompt", "must not be an empty array");
      default -> throw Failure.invalid("prompt", SHAPES);
    }
  }

  private static int texts(JsonParser in, Canonical canonical) throws IOException {
    int count = 0;
    for (; in.currentToken() != JsonToken.END_ARRAY; in.nextToken(), count++) {
      expect(in, JsonToken.VALUE_STRING);
      canonical.ascii(count == 0 ? "[" : ",");
      canonical.value(in);
    }
    canonical.ascii("]");
    return count;
  }

  private static int tokenArrays(JsonParser in, Canonical canonical) throws IOException {
    int count = 0;
    for (; in.currentToken() != JsonToken.END_ARRAY; in.nextToken(), count++) {
      expect(in, JsonToken.START_ARRAY);
      canonical.ascii(count == 0 ? "[" : ",");
      if (in.nextToken() == JsonToken.END_ARRAY) {
        throw Failure.invalid("prompt", "a token array must not be empty");
      }
      tokens(in, canonical);
    }
    canonical.ascii("]");
    return count;
  }

  private static void tokens(JsonParser in, Canonical canonical) throws IOException {
    for (int i = 0; in.currentToken() != JsonToken.END_ARRAY; in.nextToken(), i++) {
      expect(in, JsonToken.VALUE_NUMBER_INT);
      if (in.getText().charAt(0) == '-') {
        throw Failure.invalid("prompt", "a token must not be negative");
      }
      canonical.ascii(i == 0 ? "[" : ",");
      canonical.value(in);
    }
    canonical.ascii("]");
  }

  private static void expect(JsonParser in, JsonToken token) {
    if (in.currentToken() != token) {
      throw Failure.invalid("prompt", SHAPES);
    }
  }
}
