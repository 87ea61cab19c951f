package dev.refrain.cache;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.Tokens;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

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
 * they are not known. A body that is no UTF-8 is {@code base64}. Reading it gives an entry equal to
 * the one that was written. Pure functions.
 */
public final class EntryLine {
  /** The first line of a file. */
  public static final String HEADER = "{\"refrain\":\"entries\",\"version\":1}";

  private EntryLine() {}

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

  private static Optional<String> text(byte[] body) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
    } catch (CharacterCodingException bytes) {
      return Optional.empty();
    }
  }

  /**
   * The entry of a line.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Entry read(String line) {
    try {
      return entry(new JsonObject(line));
    } catch (RuntimeException malformed) {
      throw new IllegalArgumentException("no entry", malformed);
    }
  }

  private static Entry entry(JsonObject line) {
    Head head = new Head(line.getInteger("status"), headers(line.getJsonArray("headers")));
    long storedAt = line.getLong("storedAt");
    long ttl = line.getLong("ttl");
    if (!head.ok() || storedAt < 0 || ttl < 0) {
      throw new IllegalArgumentException();
    }
    return new Entry(
        Fingerprint.of(digest(line.getString("fingerprint"))),
        Framing.valueOf(line.getString("framing").toUpperCase(Locale.ROOT)),
        head,
        body(line),
        tokens(line.getJsonObject("tokens")),
        storedAt,
        line.getString("model").toString(),
        HexFormat.fromHexDigitsToLong(line.getString("scope")),
        ttl,
        line.getString("namespace").toString(),
        line.getString("endpoint").toString());
  }

  private static byte[] digest(String hex) {
    byte[] digest = HexFormat.of().parseHex(hex);
    if (digest.length != Fingerprint.LENGTH) {
      throw new IllegalArgumentException();
    }
    return digest;
  }

  private static MultiMap headers(JsonArray all) {
    MultiMap headers = HttpHeaders.headers();
    for (int i = 0; i < all.size(); i++) {
      headers.add(all.getJsonArray(i).getString(0), all.getJsonArray(i).getString(1));
    }
    return headers;
  }

  private static Tokens tokens(JsonObject tokens) {
    return tokens == null
        ? Tokens.UNKNOWN
        : Tokens.of(tokens.getLong("prompt"), tokens.getLong("completion"));
  }

  private static Buffer body(JsonObject line) {
    String base64 = line.getString("base64");
    return base64 == null
        ? Buffer.buffer(line.getString("body"))
        : Buffer.buffer(Base64.getDecoder().decode(base64));
  }
}
