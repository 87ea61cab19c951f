package dev.refrain.json;

/**
 * One spelling for each value a JSON number can have: digits without zeros at either end, and an
 * exponent where there is one. {@code 0}, {@code 0.0} and {@code -0e9} are all "0"; {@code 100} and
 * {@code 1e2} are "1e2".
 *
 * <p>Works on the text alone and in one pass. Decimals would do the same, but strip zeros one
 * division at a time, which a body full of long numbers could be made of.
 *
 * <p>Source: RFC 8259 §6 for the grammar, which the parser has checked.
 */
public final class CanonicalNumber {
  private CanonicalNumber() {}

  public static String of(String literal) {
    return isPlainInteger(literal) ? literal : spelled(literal);
  }

  // Trailing zeros would be written with an exponent, so only what ends otherwise is plain.
  private static boolean isPlainInteger(String literal) {
    char last = literal.charAt(literal.length() - 1);
    if (last == '0' && literal.length() > 1) {
      return false;
    }
    for (int i = literal.charAt(0) == '-' ? 1 : 0; i < literal.length(); i++) {
      if (literal.charAt(i) < '0' || literal.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static String spelled(String literal) {
    int e = exponentAt(literal);
    int point = literal.indexOf('.');
    int fraction = point < 0 ? 0 : e - point - 1;
    StringBuilder digits = new StringBuilder(e).append(literal, 0, e);
    if (point >= 0) {
      digits.deleteCharAt(point);
    }
    boolean negative = digits.charAt(0) == '-';
    int from = firstDigit(digits, negative ? 1 : 0);
    int to = afterLastDigit(digits, from);
    if (from == to) {
      return "0";
    }
    String exponent = e == literal.length() ? "" : literal.substring(e + 1);
    if (exponent.length() > 15) {
      return literal; // not representable: equal only to its own spelling
    }
    long scale = (exponent.isEmpty() ? 0 : Long.parseLong(exponent)) - fraction;
    return (negative ? "-" : "")
        + digits.substring(from, to)
        + exponent(scale + digits.length() - to);
  }

  private static int exponentAt(String literal) {
    int e = Math.max(literal.indexOf('e'), literal.indexOf('E'));
    return e < 0 ? literal.length() : e;
  }

  private static int firstDigit(CharSequence digits, int from) {
    int first = from;
    while (first < digits.length() && digits.charAt(first) == '0') {
      first++;
    }
    return first;
  }

  private static int afterLastDigit(CharSequence digits, int from) {
    int to = digits.length();
    while (to > from && digits.charAt(to - 1) == '0') {
      to--;
    }
    return to;
  }

  private static String exponent(long exponent) {
    return exponent == 0 ? "" : "e" + exponent;
  }
}
