package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.completion.Tokens;
import java.io.IOException;

/**
 * Reads answers, whole or in chunks (both have one shape), for what proves them: that they are
 * valid JSON to the last byte, that they speak of no error, how their choices end, and what they
 * cost. May read many documents one after the other and then speaks of all of them.
 *
 * <p>Every byte is parsed. A search for {@code "finish_reason"} would be cheaper and could be
 * fooled, and each document has to be validated anyway.
 */
final class AnswerScan {
  private final Ends ends;
  private Tokens tokens = Tokens.UNKNOWN;
  private boolean error;
  private boolean strange;

  AnswerScan(Ends ends) {
    this.ends = ends;
  }

  /**
   * Reads {@code bytes[from, to)}.
   *
   * @throws IOException when it is not a valid JSON object
   */
  void read(byte[] bytes, int from, int to) throws IOException {
    try (JsonParser parser = Json.parser(bytes, from, to)) {
      Json.enterObject(parser);
      int choices = 0;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        choices += member(parser.currentName(), parser) ? 1 : 0;
      }
      Json.leave(parser);
      strange |= choices != 1;
    }
  }

  /** Whether a document spoke of an error: {@code error} in any form, or SGLang's flat object. */
  boolean error() {
    return error;
  }

  /** Whether a document was no answer: one without exactly one array of choices. */
  boolean strange() {
    return strange;
  }

  /** The last usage seen. Some servers count up in every chunk. */
  Tokens tokens() {
    return tokens;
  }

  /** Reads a member; true if it is the choices. */
  private boolean member(String name, JsonParser parser) throws IOException {
    JsonToken value = parser.nextToken();
    switch (name) {
      case "error" -> error |= value != JsonToken.VALUE_NULL;
      case "object" -> error |= "error".equals(text(parser));
      case "usage" -> {
        if (value == JsonToken.START_OBJECT) {
          usage(parser);
        }
      }
      case "choices" -> {
        if (value == JsonToken.START_ARRAY) {
          choices(parser);
          return true;
        }
      }
      default -> {}
    }
    parser.skipChildren();
    return false;
  }

  private void choices(JsonParser parser) throws IOException {
    JsonToken element;
    while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
      if (element == JsonToken.START_OBJECT) {
        choice(parser);
      } else {
        strange = true;
        parser.skipChildren();
      }
    }
  }

  private void choice(JsonParser parser) throws IOException {
    int index = -1;
    String reason = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("index")) {
        index = (int) Math.min(count(parser), Integer.MAX_VALUE);
      } else if (name.equals("finish_reason") && value != JsonToken.VALUE_NULL) {
        reason = String.valueOf(text(parser));
      }
      parser.skipChildren();
    }
    ends.see(index, reason);
  }

  /** Scoring ({@code max_tokens: 0}) reports no completion tokens; it has none. */
  private void usage(JsonParser parser) throws IOException {
    long prompt = -1;
    long completion = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("prompt_tokens")) {
        prompt = count(parser);
      } else if (name.equals("completion_tokens")) {
        completion = Math.max(0, count(parser));
      }
      parser.skipChildren();
    }
    if (prompt >= 0) {
      tokens = Tokens.of(prompt, completion);
    }
  }

  /** The string the parser stands on, or null. */
  private static String text(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : null;
  }

  /** The whole number the parser stands on, or -1 if it is none or beyond all counts. */
  private static long count(JsonParser parser) throws IOException {
    boolean counts =
        parser.currentToken() == JsonToken.VALUE_NUMBER_INT
            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    return counts ? parser.getLongValue() : -1;
  }
}
