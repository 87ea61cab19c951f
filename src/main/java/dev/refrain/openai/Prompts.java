package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Failure;
import dev.refrain.json.Canonical;
import dev.refrain.json.JsonTokens;
import dev.refrain.openai.Scalar.NotUnderstood;
import java.io.IOException;

/**
 * Reads a field of inputs ({@code prompt}): a string, strings, tokens, or arrays of tokens,
 * distinguished by type: {@code "1"}, {@code ["1"]}, {@code [1]} and {@code [[1]]} are one text,
 * one text, one token array and one token array. Written canonically as an array of prompts.
 */
final class Prompts {
  private final JsonTokens in;
  private final Field field;
  private final Canonical canonical;
  private final int most;

  private Prompts(JsonTokens in, Field field, Canonical canonical, int most) {
    this.in = in;
    this.field = field;
    this.canonical = canonical;
    this.most = most;
  }

  /** Returns where the prompts are, of which there may be {@code most}. */
  static PromptSpans read(JsonTokens in, Field field, Canonical canonical, int most)
      throws IOException {
    return new Prompts(in, field, canonical, most).read();
  }

  private PromptSpans read() throws IOException {
    switch (in.currentToken()) {
      case VALUE_STRING -> {
        canonical.ascii("[");
        canonical.value(in);
        canonical.ascii("]");
        return PromptSpans.SINGLE;
      }
      case START_ARRAY -> {
        return array();
      }
      default -> throw new NotUnderstood();
    }
  }

  private PromptSpans array() throws IOException {
    int array = begin();
    switch (in.nextToken()) {
      case VALUE_STRING, START_ARRAY -> {
        return several(array);
      }
      case VALUE_NUMBER_INT -> {
        canonical.ascii("[");
        tokens();
        canonical.ascii("]");
        return PromptSpans.SINGLE;
      }
      case END_ARRAY -> throw wrong("must not be an empty array");
      default -> throw new NotUnderstood();
    }
  }

  // Nearly all arrays are of one, and remember nothing.
  private PromptSpans several(int array) throws IOException {
    JsonToken shape = in.currentToken();
    canonical.ascii("[");
    int from = begin();
    int start = canonical.length();
    int to = prompt(shape);
    if (in.nextToken() == JsonToken.END_ARRAY) {
      canonical.ascii("]");
      return PromptSpans.SINGLE;
    }
    PromptSpans spans = new PromptSpans(array);
    spans.add(from, to, start, canonical.length());
    others(shape, spans);
    return spans;
  }

  private void others(JsonToken shape, PromptSpans spans) throws IOException {
    for (; in.currentToken() != JsonToken.END_ARRAY; in.nextToken()) {
      if (spans.count() == most) {
        throw wrong("too many (expected: at most " + most + ")");
      }
      canonical.ascii(",");
      int from = begin();
      int start = canonical.length();
      int to = prompt(shape);
      spans.add(from, to, start, canonical.length());
    }
    canonical.ascii("]");
    spans.close(end());
  }

  /** Reads one prompt of this shape; returns where it ends in the body. */
  private int prompt(JsonToken shape) throws IOException {
    expect(shape);
    if (shape == JsonToken.VALUE_STRING) {
      return canonical.string(in);
    }
    if (in.nextToken() == JsonToken.END_ARRAY) {
      throw wrong("a token array must not be empty");
    }
    tokens();
    return end();
  }

  private void tokens() throws IOException {
    for (int i = 0; in.currentToken() != JsonToken.END_ARRAY; in.nextToken(), i++) {
      expect(JsonToken.VALUE_NUMBER_INT);
      if (in.getText().charAt(0) == '-') {
        throw wrong("a token must not be negative");
      }
      canonical.ascii(i == 0 ? "[" : ",");
      canonical.value(in);
    }
    canonical.ascii("]");
  }

  /** Where the current token begins in the body. */
  private int begin() {
    return in.from();
  }

  /** Where the bracket that is the current token ends. */
  private int end() {
    return in.to();
  }

  private Failure wrong(String message) {
    return Failure.invalid(field.name(), message);
  }

  private void expect(JsonToken token) {
    if (in.currentToken() != token) {
      throw new NotUnderstood();
    }
  }
}
