package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Failure;
import dev.refrain.json.Edits;
import dev.refrain.json.JsonTokens;
import dev.refrain.json.Slice.Span;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * Reads a field that may be spelled as a string and means a number or a flag: one published
 * description of the API types every field as a string. What was spelled so is noted in the edits,
 * to be sent upstream as what it means; an empty string means null.
 */
final class Scalar {
  private static final Pattern LITERAL =
      Pattern.compile("-?(0|[1-9][0-9]{0,999})(\\.[0-9]{1,999})?([eE][+-]?[0-9]{1,9})?");

  /**
   * A number and how it is written.
   *
   * @param literal as it goes upstream
   */
  record Number(BigDecimal value, String literal) {}

  private final JsonTokens in;
  private final Field field;
  private final Edits edits;

  Scalar(JsonTokens in, Field field, Edits edits) {
    this.in = in;
    this.field = field;
    this.edits = edits;
  }

  boolean isNull() {
    return in.currentToken() == JsonToken.VALUE_NULL;
  }

  /** A number within the field's bounds, or null. */
  Number number() throws IOException {
    if (isNull()) {
      return null;
    }
    boolean spelled = in.currentToken() == JsonToken.VALUE_STRING;
    if (in.currentToken().isBoolean() && field.name().equals("logprobs")) {
      throw new NotUnderstood(); // a flag at some servers
    }
    if (!spelled && !in.currentToken().isNumeric()) {
      throw wrong(field.type() == FieldType.INTEGER ? "an integer" : "a number");
    }
    String literal = in.getText();
    if (spelled && literal.isEmpty()) {
      edit("null");
      return null;
    }
    return bounded(literal, spelled);
  }

  private Number bounded(String literal, boolean spelled) {
    BigDecimal value = decimal(literal);
    if (value.compareTo(field.min()) < 0 || value.compareTo(field.max()) > 0) {
      throw Failure.invalid(
          field.name(),
          shown(literal) + " (expected: " + plain(field.min()) + " to " + plain(field.max()) + ")");
    }
    String meant = literal;
    if (field.type() == FieldType.INTEGER) {
      meant = whole(value, literal);
    }
    if (spelled || !meant.equals(literal)) {
      edit(meant);
    }
    return new Number(value, meant);
  }

  private BigDecimal decimal(String literal) {
    // The parser has checked the form of what is no string; nearly all of that is short and plain.
    boolean plain = in.currentToken() == JsonToken.VALUE_NUMBER_INT && literal.length() < 20;
    if (!plain && !LITERAL.matcher(literal).matches()) {
      throw wrong(field.type() == FieldType.INTEGER ? "an integer" : "a number");
    }
    return new BigDecimal(literal);
  }

  // Bounds are checked before, so the value has few digits whatever its exponent says.
  private String whole(BigDecimal value, String literal) {
    if (value.signum() != 0 && value.stripTrailingZeros().scale() > 0) {
      throw wrong("an integer");
    }
    return isDigits(literal) ? literal : value.toBigInteger().toString();
  }

  private static boolean isDigits(String literal) {
    for (int i = literal.charAt(0) == '-' ? 1 : 0; i < literal.length(); i++) {
      if (literal.charAt(i) < '0' || literal.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /** A flag, or null. */
  Boolean flag() throws IOException {
    switch (in.currentToken()) {
      case VALUE_NULL -> {
        return null;
      }
      case VALUE_TRUE -> {
        return true;
      }
      case VALUE_FALSE -> {
        return false;
      }
      case VALUE_STRING -> {
        return spelledFlag(in.getText());
      }
      default -> throw wrong("a boolean");
    }
  }

  private Boolean spelledFlag(String text) {
    switch (text) {
      case "" -> {
        edit("null");
        return null;
      }
      case "true", "false" -> {
        edit(text);
        return text.equals("true");
      }
      default -> throw wrong("a boolean");
    }
  }

  private void edit(String meant) {
    Span span = in.span();
    edits.replace(span.from(), span.to(), meant);
  }

  Failure wrong(String expected) {
    return Failure.invalid(field.name(), "must be " + expected);
  }

  private static String shown(String literal) {
    return literal.length() <= 24 ? literal : "out of bounds";
  }

  private static String plain(BigDecimal bound) {
    return bound.stripTrailingZeros().toPlainString();
  }

  /**
   * A field has a value that a server may understand and Refrain does not. The request goes
   * upstream alone and untouched. Without a stack trace: it is an outcome.
   */
  static final class NotUnderstood extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotUnderstood() {
      super("not understood", null, false, false);
    }
  }
}
