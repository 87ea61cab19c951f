package dev.refrain.json;

import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.json.Slice.Span;
import java.io.IOException;

/**
 * The tokens of a document from outside, one after the other, with their places. Names are read
 * each time anew: a table of names that outlives a request can be filled by strangers until it
 * fails. Time is linear in the document; no tree is made.
 *
 * <p>The document is UTF-8; {@link Utf8} says whether it is.
 */
public final class JsonTokens {
  // Sorting an object's members costs its depth times its size.
  private static final int DEEPEST = 100;
  private static final int LONGEST_NAME = 1024;
  private static final int LONGEST_NUMBER = 1000;

  private final byte[] bytes;
  private final JsonCursor cursor;
  private long outer; // a bit for each object or array it stands in: whether it is an object
  private long outermost;
  private int depth;
  private boolean empty;
  private JsonToken token;
  private String name;
  private int from;
  private int to;

  /** A value is nested too deep, or a name or a number is too long. */
  public static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    private TooLarge() {
      super("a value nested too deep, or a name or a number too long");
    }
  }

  /** Stands before the first token. */
  public JsonTokens(byte[] document) {
    bytes = document;
    cursor = new JsonCursor(document, 0, document.length);
  }

  /**
   * Goes to the next token.
   *
   * @return null at the end; {@code NOT_AVAILABLE} where something follows the document
   * @throws IOException when it is not JSON, or too large
   */
  public JsonToken nextToken() throws IOException {
    if (token == JsonToken.FIELD_NAME || token == null) {
      return token = nextValue();
    }
    if (depth == 0) {
      return token = cursor.isAtEnd() ? null : JsonToken.NOT_AVAILABLE;
    }
    boolean object = isObject(depth - 1);
    boolean opened = token.isStructStart();
    if (opened ? empty : !cursor.another(object ? '}' : ']')) {
      return token = close(object);
    }
    return token = object ? name() : nextValue();
  }

  private JsonToken close(boolean object) {
    depth--;
    to = cursor.at();
    from = to - 1;
    return object ? JsonToken.END_OBJECT : JsonToken.END_ARRAY;
  }

  private JsonToken name() throws IOException {
    from = cursor.name();
    to = from + cursor.nameLength() + 2;
    if (to - from > LONGEST_NAME + 2) {
      throw new TooLarge();
    }
    name = cursor.spelled();
    return JsonToken.FIELD_NAME;
  }

  private JsonToken nextValue() throws IOException {
    from = cursor.at();
    byte first = cursor.peek();
    if (first == '{' || first == '[') {
      return open(first == '{');
    }
    cursor.value();
    to = cursor.at();
    return switch (first) {
      case '"' -> JsonToken.VALUE_STRING;
      case 't' -> JsonToken.VALUE_TRUE;
      case 'f' -> JsonToken.VALUE_FALSE;
      case 'n' -> JsonToken.VALUE_NULL;
      default -> number();
    };
  }

  private JsonToken open(boolean object) throws IOException {
    if (depth == DEEPEST) {
      throw new TooLarge();
    }
    enter(object);
    to = from + 1;
    empty = !cursor.enter(object ? '{' : '[', object ? '}' : ']');
    return object ? JsonToken.START_OBJECT : JsonToken.START_ARRAY;
  }

  private void enter(boolean object) {
    long bit = 1L << depth;
    if (depth < Long.SIZE) {
      outermost = object ? outermost | bit : outermost & ~bit;
    } else {
      outer = object ? outer | bit : outer & ~bit;
    }
    depth++;
  }

  private boolean isObject(int at) {
    return ((at < Long.SIZE ? outermost : outer) >>> at & 1) != 0;
  }

  private JsonToken number() throws IOException {
    if (to - from > LONGEST_NUMBER) {
      throw new TooLarge();
    }
    for (int at = from; at < to; at++) {
      if (bytes[at] == '.' || (bytes[at] | 0x20) == 'e') {
        return JsonToken.VALUE_NUMBER_FLOAT;
      }
    }
    return JsonToken.VALUE_NUMBER_INT;
  }

  /** Goes from the beginning of an object or array to its end; stays at any other token. */
  public void skipChildren() throws IOException {
    if (token.isStructStart()) {
      for (int outside = depth - 1; depth > outside; ) {
        nextToken();
      }
    }
  }

  /** A walk over the document that begins at the current token. */
  public JsonCursor value() {
    return new JsonCursor(bytes, from, bytes.length);
  }

  /** Goes to the end of the member of the document in which it stands. */
  public void leaveMember() throws IOException {
    while (depth > 1) {
      nextToken();
    }
  }

  /** The token it stands at; null before the first and after the last. */
  public JsonToken currentToken() {
    return token;
  }

  /** The name of the member it stands in. */
  public String currentName() {
    return name;
  }

  /** The current token: the decoded text of a string, or a number as it is written. */
  public String getText() {
    return token == JsonToken.VALUE_STRING ? cursor.text() : new Slice(bytes, from, to).text();
  }

  /** Where the current token begins. */
  public int from() {
    return from;
  }

  /** Where the current token ends. */
  public int to() {
    return to;
  }

  /** The place of the current token. */
  public Span span() {
    return new Span(from, to);
  }

  /** How far the document was read. */
  public int at() {
    return cursor.at();
  }
}
