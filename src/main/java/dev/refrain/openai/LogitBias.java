package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Failure;
import dev.refrain.json.Canonical;
import dev.refrain.json.JsonTokens;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.TreeMap;

/**
 * Reads {@code logit_bias}: an object from token ids to numbers within bounds, or an array, which
 * is llama.cpp's own form (pairs of a token or a text, and a number or false) and left to it.
 */
final class LogitBias {
  private LogitBias() {}

  static void read(JsonTokens in, Field field, Canonical canonical) throws IOException {
    if (in.currentToken() == JsonToken.START_ARRAY) {
      canonical.value(in);
      return;
    }
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw Failure.invalid("logit_bias", "must be an object from token ids to numbers");
    }
    TreeMap<String, String> biases = new TreeMap<>();
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String token = in.currentName();
      if (!in.nextToken().isNumeric()) {
        throw Failure.invalid("logit_bias", "must be an object from token ids to numbers");
      }
      String literal = in.getText();
      check(literal, field);
      if (biases.put(token, literal) != null) {
        throw Failure.invalid("logit_bias", "a token id is given twice");
      }
      if (biases.size() > Canonical.MOST_NAMES) {
        throw Failure.invalid("logit_bias", "has more entries than any vocabulary");
      }
    }
    canonical.ascii("{");
    biases.forEach(
        (token, literal) -> {
          canonical.member(token);
          canonical.number(literal);
          canonical.ascii(",");
        });
    canonical.ascii("}");
  }

  private static void check(String literal, Field field) {
    BigDecimal bias;
    try {
      bias = new BigDecimal(literal);
    } catch (NumberFormatException e) {
      throw Failure.invalid("logit_bias", "a bias is not a representable number");
    }
    if (bias.compareTo(field.min()) < 0 || bias.compareTo(field.max()) > 0) {
      throw Failure.invalid("logit_bias", "a bias is out of bounds (expected: -100 to 100)");
    }
  }
}
