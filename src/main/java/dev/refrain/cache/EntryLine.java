package dev.refrain.cache;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.Purge.Namespace;
import dev.refrain.inference.Tokens;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Entries as lines of JSON, for people and between stores. The first line of a file is {@link
 * #HEADER}; each other one is an entry:
 *
 * <pre>
 * {"fingerprint":"9f…","endpoint":"chat","model":"m","namespace":"","scope":"00…05",
 *  "storedAt":1700000000000,"ttl":0,"framing":"whole","status":200,
 *  "headers":[["content-type","application/json"]],"tokens":{"prompt":5,"completion":7},
 *  "body":"…"}
 * </pre>
 *
 * <p>{@code ttl} is in milliseconds; 0 is as long as the store says. {@code tokens} is missing if
 * they are not known. A body that is no UTF-8, or that would need many escapes, is {@code base64}.
 * Reading it gives an entry equal to the one that was written. Pure functions.
 */
public final class EntryLine {
  /** The first line of a file. */
  public static final String HEADER = "{\"refrain\":\"entries\",\"version\":1}";

  private static final String EXPECTED = "no file of entries (expected: " + HEADER + ")";
  private static final Set<String> MEMBERS =
      Set.of(
          "fingerprint",
          "endpoint",
          "model",
          "namespace",
          "scope",
          "storedAt",
          "ttl",
          "framing",
          "status",
          "headers",
          "tokens",
          "body",
          "base64");
  private static final int HEAD = 2 << 20;
  private static final long LONGEST_TTL = Duration.ofDays(365).toMillis();
  private static final long LAST = Instant.parse("9999-12-31T23:59:59Z").toEpochMilli();
  private static final String TEXT = "expected: a text";

  private EntryLine() {}

  /** The most bytes of a line whose body has so many. */
  static int longest(int maxEntry) {
    return (int) Math.min(Integer.MAX_VALUE - HEAD, 2L * maxEntry + HEAD);
  }

  /** The line of an entry, without the line break. */
  public static String write(Entry entry) {
    JsonObject line =
        new JsonObject()
            .put("fingerprint", entry.fingerprint().toString())
            .put("endpoint", entry.endpoint())
            .put("model", entry.model())
            .put("namespace", entry.namespace())
            .put("scope", HexFormat.of().toHexDigits(entry.scope()))
            .put("storedAt", entry.storedAt())
            .put("ttl", entry.ttl())
            .put("framing", entry.framing().name().toLowerCase(Locale.ROOT))
            .put("status", entry.head().status())
            .put("headers", headers(entry.head().headers()));
    if (entry.tokens().known()) {
      line.put(
          "tokens",
          JsonObject.of(
              "prompt", entry.tokens().prompt(), "completion", entry.tokens().completion()));
    }
    byte[] body = entry.body().getBytes();
    return text(body)
        .map(text -> line.put("body", text))
        .orElseGet(() -> line.put("base64", Base64.getEncoder().encodeToString(body)))
        .encode();
  }

  private static JsonArray headers(MultiMap headers) {
    JsonArray all = new JsonArray();
    for (Map.Entry<String, String> each : headers.entries()) {
      all.add(JsonArray.of(each.getKey(), each.getValue()));
    }
    return all;
  }

  /** Empty also where escapes would make more than twice the bytes of it. */
  private static Optional<String> text(byte[] body) {
    long escaped = 0;
    for (byte each : body) {
      escaped += each >= 0 && each < ' ' ? 6 : each == '"' || each == '\\' ? 2 : 1;
    }
    if (escaped > 2L * body.length) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
    } catch (CharacterCodingException bytes) {
      return Optional.empty();
    }
  }

  /**
   * Checks the first line of a file.
   *
   * @throws IllegalArgumentException if it is another
   */
  static void checkHeader(String line) {
    if (!line.strip().equals(HEADER)) {
      throw new IllegalArgumentException(EXPECTED);
    }
  }

  /**
   * The entry of a line.
   *
   * @throws IllegalArgumentException if it is none; the message names the member, and repeats no
   *     value
   */
  public static Entry read(String line) {
    JsonObject members;
    try {
      members = new JsonObject(line);
    } catch (DecodeException | ClassCastException malformed) {
      throw new IllegalArgumentException("not a JSON object");
    }
    for (String name : members.fieldNames()) {
      if (!MEMBERS.contains(name)) {
        String shown = name.matches("\\w{1,40}") ? name + ": " : "";
        throw new IllegalArgumentException(shown + "not a member of an entry");
      }
    }
    return entry(members);
  }

  private static Entry entry(JsonObject line) {
    return new Entry(
        member(line, "fingerprint", "expected: 64 hexadecimal digits", EntryLine::digest),
        member(line, "framing", "expected: whole or stream", EntryLine::framing),
        new Head(
            member(line, "status", "expected: 200 to 299", status -> number(status, 200, 299))
                .intValue(),
            member(line, "headers", "expected: pairs of a name and a value", EntryLine::headersOf)),
        body(line),
        line.containsKey("tokens")
            ? member(line, "tokens", "expected: prompt and completion", EntryLine::tokens)
            : Tokens.UNKNOWN,
        member(line, "storedAt", "expected: milliseconds since 1970", at -> number(at, 0, LAST)),
        member(line, "model", TEXT, text -> text(text, EntryCodec.MAX_TEXT)),
        member(line, "scope", "expected: 16 hexadecimal digits", EntryLine::scope),
        member(line, "ttl", "expected: 0 to " + LONGEST_TTL, ttl -> number(ttl, 0, LONGEST_TTL)),
        member(line, "namespace", "expected: empty, or " + Namespace.EXPECTED, EntryLine::space),
        member(line, "endpoint", TEXT, text -> text(text, EntryCodec.MAX_TEXT)));
  }

  private static <T> T member(
      JsonObject line, String name, String expected, Function<Object, T> read) {
    if (!line.containsKey(name)) {
      throw new IllegalArgumentException(name + ": missing");
    }
    try {
      return read.apply(line.getValue(name));
    } catch (RuntimeException wrong) { // whatever a cast, a parser or a check has to say
      throw new IllegalArgumentException(name + ": " + expected);
    }
  }

  private static Fingerprint digest(Object hex) {
    byte[] digest = HexFormat.of().parseHex((String) hex);
    check(digest.length == Fingerprint.LENGTH);
    return Fingerprint.of(digest);
  }

  private static long scope(Object hex) {
    check(((String) hex).length() == 16);
    return HexFormat.fromHexDigitsToLong((String) hex);
  }

  private static Framing framing(Object name) {
    return Framing.valueOf(((String) name).toUpperCase(Locale.ROOT));
  }

  private static String space(Object name) {
    check(((String) name).isEmpty() || ((String) name).matches(Namespace.PATTERN));
    return (String) name;
  }

  private static String text(Object text, int longest) {
    check(((String) text).getBytes(StandardCharsets.UTF_8).length <= longest);
    return (String) text;
  }

  private static long number(Object number, long least, long most) {
    check(number instanceof Integer || number instanceof Long);
    long value = ((Number) number).longValue();
    check(value >= least && value <= most);
    return value;
  }

  private static MultiMap headersOf(Object pairs) {
    JsonArray all = (JsonArray) pairs;
    MultiMap headers = HttpHeaders.headers();
    check(all.size() <= EntryCodec.MAX_HEADERS);
    for (int i = 0; i < all.size(); i++) {
      JsonArray pair = all.getJsonArray(i);
      check(pair.size() == 2);
      headers.add(
          text(pair.getValue(0), EntryCodec.MAX_TEXT), text(pair.getValue(1), EntryCodec.MAX_TEXT));
    }
    return headers;
  }

  private static Tokens tokens(Object counts) {
    JsonObject tokens = (JsonObject) counts;
    return Tokens.of(
        number(tokens.getValue("prompt"), 0, Long.MAX_VALUE / 4),
        number(tokens.getValue("completion"), 0, Long.MAX_VALUE / 4));
  }

  private static Buffer body(JsonObject line) {
    if (line.containsKey("body") == line.containsKey("base64")) {
      throw new IllegalArgumentException("body: expected: either body or base64");
    }
    return line.containsKey("body")
        ? member(line, "body", TEXT, EntryLine::utf8)
        : member(
            line,
            "base64",
            "expected: base64",
            text -> Buffer.buffer(Base64.getDecoder().decode((String) text)));
  }

  /** Half a surrogate pair is no text. */
  private static Buffer utf8(Object text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap((String) text));
      return Buffer.buffer(bytes.remaining())
          .appendBytes(bytes.array(), bytes.position(), bytes.remaining());
    } catch (CharacterCodingException half) {
      throw new IllegalArgumentException(half);
    }
  }

  private static void check(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException();
    }
  }
}
