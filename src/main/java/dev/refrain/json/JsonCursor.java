package dev.refrain.json;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParseException;
import java.io.IOException;
import java.util.Arrays;

/**
 * Walks over a JSON document once, from its first byte to its last, and makes nothing of it: no
 * token, no text, no number. Refuses what RFC 8259 refuses, but for bytes inside strings that are
 * not UTF-8, which do not matter to code that copies strings as they are.
 *
 * <p>Jackson makes of each frame a parser, of each name a {@code String}, and finds every place by
 * a computed location; this walk costs a fraction of it (MergeBenchmark), and a test holds the two
 * against each other.
 *
 * <p>Every method stands behind white space before it is called and leaves it behind afterwards,
 * but for {@link #value}, which stops at the value's last byte, so that {@link #at} is its end.
 *
 * <p>Source: RFC 8259; the bound on nesting is that of {@link Json}.
 */
public final class JsonCursor {
  private static final int DEEPEST = 500;
  private static final byte[] TRUE = "true".getBytes(US_ASCII);
  private static final byte[] FALSE = "false".getBytes(US_ASCII);
  private static final byte[] NAN = "NaN".getBytes(US_ASCII);
  private static final byte[] INFINITY = "Infinity".getBytes(US_ASCII);
  private static final byte[] NULL = "null".getBytes(US_ASCII);

  private final byte[] bytes;
  private final int to;
  private final boolean lenient;
  private int at;
  private int depth;
  private int nameFrom;
  private int nameTo;
  private int textFrom;

  /** A walk over {@code bytes[from, to)}. */
  public JsonCursor(byte[] bytes, int from, int to) {
    this(bytes, from, to, false);
  }

  private JsonCursor(byte[] bytes, int from, int to, boolean lenient) {
    this.bytes = bytes;
    this.to = to;
    this.lenient = lenient;
    at = from;
    space();
  }

  /**
   * A walk that also passes {@code NaN}, {@code Infinity} and {@code -Infinity}: no JSON, but what
   * Python writes, for instance as the logarithm of a probability of 0.
   */
  public static JsonCursor lenient(byte[] bytes, int from, int to) {
    return new JsonCursor(bytes, from, to, true);
  }

  /** Where the walk has come to. */
  public int at() {
    return at;
  }

  /** The byte it stands before. */
  public byte peek() throws IOException {
    if (at >= to) {
      throw malformed();
    }
    return bytes[at];
  }

  /** Enters an object or an array; false, and it is passed, if it is empty. */
  public boolean enter(char open, char close) throws IOException {
    if (++depth > DEEPEST) {
      throw malformed();
    }
    expect(open);
    space();
    return !leaves(close);
  }

  /** Passes the comma, or the end of the object or array; false if it was the end. */
  public boolean another(char close) throws IOException {
    space();
    if (leaves(close)) {
      return false;
    }
    expect(',');
    space();
    return true;
  }

  /** Passes the name of a member and its colon; returns where its first quote stands. */
  public int name() throws IOException {
    string();
    nameFrom = textFrom;
    nameTo = at - 1;
    space();
    expect(':');
    space();
    return nameFrom - 1;
  }

  /** Whether the name passed last spells this word of ASCII, escaped or not. */
  public boolean isNamed(byte[] word) {
    return spells(nameFrom, nameTo, word);
  }

  /** Whether the string that the value passed last is spells this word, likewise. */
  public boolean isText(byte[] word) {
    return spells(textFrom, at - 1, word);
  }

  private boolean spells(int from, int to, byte[] word) {
    int letter = from;
    for (byte expected : word) {
      if (letter >= to) {
        return false;
      }
      boolean escaped = bytes[letter] == '\\';
      int unit = escaped ? JsonEscapes.unit(bytes, letter) : bytes[letter];
      if (unit != expected) {
        return false;
      }
      letter = escaped ? JsonEscapes.end(bytes, letter) : letter + 1;
    }
    return letter == to;
  }

  /** The name passed last, as it is written, with its quotes. */
  public Slice key() {
    return new Slice(bytes, nameFrom - 1, nameTo + 1);
  }

  /** How many bytes the name passed last has, without its quotes. */
  int nameLength() {
    return nameTo - nameFrom;
  }

  /** Whether nothing follows but white space, which is passed. */
  boolean isAtEnd() {
    space();
    return at == to;
  }

  /** The decoded text; the only method that allocates one. */
  public String spelled() {
    return spelled(nameFrom, nameTo);
  }

  /** The decoded text of the string passed last. */
  public String text() {
    return spelled(textFrom, at - 1);
  }

  private String spelled(int from, int to) {
    int escape = from;
    while (escape < to && bytes[escape] != '\\') {
      escape++;
    }
    return escape == to ? new String(bytes, from, to - from, UTF_8) : unescaped(from, to);
  }

  private String unescaped(int from, int to) {
    StringBuilder spelled = new StringBuilder();
    int plain = from;
    for (int at = from; at < to; ) {
      if (bytes[at] != '\\') {
        at++;
        continue;
      }
      spelled
          .append(new String(bytes, plain, at - plain, UTF_8))
          .append(JsonEscapes.unit(bytes, at));
      plain = at = JsonEscapes.end(bytes, at);
    }
    String rest = new String(bytes, plain, to - plain, UTF_8);
    return plain == from ? rest : spelled.append(rest).toString();
  }

  /** Passes a value, whatever it is. */
  public void value() throws IOException {
    switch (peek()) {
      case '"' -> string();
      case '{' -> object();
      case '[' -> array();
      case 't' -> word(TRUE);
      case 'f' -> word(FALSE);
      case 'n' -> word(NULL);
      default -> number();
    }
  }

  /** Passes a value: the number it is, or -1 if it is none, or none that counts things. */
  public long count() throws IOException {
    int from = at;
    value();
    long count = 0;
    for (int digit = from; digit < at; digit++) {
      int next = bytes[digit] - '0';
      if (next < 0 || next > 9 || count > (Long.MAX_VALUE - next) / 10) {
        return -1;
      }
      count = count * 10 + next;
    }
    return count;
  }

  /** Makes sure that nothing follows. */
  public void end() throws IOException {
    space();
    if (at < to) {
      throw malformed();
    }
  }

  private void object() throws IOException {
    if (enter('{', '}')) {
      do {
        name();
        value();
      } while (another('}'));
    }
  }

  private void array() throws IOException {
    if (enter('[', ']')) {
      do {
        value();
      } while (another(']'));
    }
  }

  private void string() throws IOException {
    expect('"');
    textFrom = at;
    while (true) {
      at = TextEnds.next(bytes, at, to);
      byte end = peek();
      if (end == '"') {
        at++;
        return;
      }
      expect('\\'); // anything else is a control character
      escape();
    }
  }

  private void escape() throws IOException {
    byte kind = peek();
    at++;
    switch (kind) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {}
      case 'u' -> {
        for (int digit = 0; digit < 4; digit++) {
          if (Character.digit(peek(), 16) < 0) {
            throw malformed();
          }
          at++;
        }
      }
      default -> throw malformed();
    }
  }

  private void number() throws IOException {
    boolean negative = skip('-');
    if (lenient && (peek() == 'I' || peek() == 'N' && !negative)) {
      word(peek() == 'I' ? INFINITY : NAN);
      return;
    }
    if (!skip('0')) {
      digits();
    }
    if (skip('.')) {
      digits();
    }
    if (skip('e') || skip('E')) {
      if (!skip('+')) {
        skip('-');
      }
      digits();
    }
  }

  private void digits() throws IOException {
    int first = at;
    while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    if (at == first) {
      throw malformed();
    }
  }

  private void word(byte[] word) throws IOException {
    int after = at + word.length;
    if (after > to || !Arrays.equals(bytes, at, after, word, 0, word.length)) {
      throw malformed();
    }
    at = after;
  }

  private void space() {
    while (at < to && isSpace(bytes[at])) {
      at++;
    }
  }

  private static boolean isSpace(byte one) {
    return one == ' ' || one == '\n' || one == '\r' || one == '\t';
  }

  private boolean leaves(char close) {
    if (!skip(close)) {
      return false;
    }
    depth--;
    return true;
  }

  private boolean skip(char one) {
    if (at < to && bytes[at] == one) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char one) throws IOException {
    if (!skip(one)) {
      throw malformed();
    }
  }

  private static IOException malformed() {
    return new JsonParseException(null, "not valid JSON");
  }
}
