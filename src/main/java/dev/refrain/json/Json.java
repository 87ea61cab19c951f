package dev.refrain.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;

/** Parser settings for bodies and events: strict, UTF-8, without a tree. */
public final class Json {
  /**
   * Bodies and events are bounded before they come here, so these limits are a second fence: wide
   * enough for the longest text we let in, and deep enough for any real answer, yet shallow enough
   * for the recursion in {@link ObjectMerge}. Names are not interned, for in {@code top_logprobs}
   * they are the tokens of a vocabulary.
   */
  public static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // as Python writes them
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(64 << 20)
                  .maxNestingDepth(500)
                  .build())
          .build();

  /**
   * Requests come from strangers. Sorting their objects costs their depth times their size, and the
   * parser remembers thousands of names for all that follow.
   */
  private static final JsonFactory REQUESTS =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNestingDepth(100)
                  .maxNameLength(1024)
                  .build())
          .build();

  private Json() {}

  /** A parser of a request's body. */
  public static JsonParser request(byte[] body) throws IOException {
    return parser(REQUESTS, body, 0, body.length);
  }

  /** A parser of {@code bytes[from, to)}; its byte offsets count from {@code from}. */
  public static JsonParser parser(byte[] bytes, int from, int to) throws IOException {
    return parser(FACTORY, bytes, from, to);
  }

  private static JsonParser parser(JsonFactory factory, byte[] bytes, int from, int to)
      throws IOException {
    if (!isPlain(bytes, from, to)) {
      throw new JsonParseException(null, "not UTF-8 without a byte order mark");
    }
    return factory.createParser(bytes, from, to - from);
  }

  /** Enters the object that the document is. */
  public static void enterObject(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new JsonParseException(parser, "not an object");
    }
  }

  /** Makes sure that nothing follows the document. */
  public static void leave(JsonParser parser) throws IOException {
    if (parser.nextToken() != null) {
      throw new JsonParseException(parser, "something follows the document");
    }
  }

  /** Whether {@code bytes[from, to)} is one valid object and nothing else. */
  public static boolean isObject(byte[] bytes, int from, int to) {
    try (JsonParser parser = parser(bytes, from, to)) {
      enterObject(parser);
      parser.skipChildren();
      leave(parser);
      return true;
    } catch (IOException notJson) {
      return false;
    }
  }

  /** Jackson would guess UTF-16, UTF-32 and a mark; then offsets are no longer offsets of bytes. */
  private static boolean isPlain(byte[] bytes, int from, int to) {
    return from < to && bytes[from] > 0 && (from + 1 == to || bytes[from + 1] != 0);
  }
}
