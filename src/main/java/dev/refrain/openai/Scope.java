package dev.refrain.openai;

import dev.refrain.inference.Fingerprint;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/**
 * Who asks, as far as sharing answers goes: two callers share only within one scope. Lives only as
 * long as the digest it goes into; credentials are never kept.
 *
 * @param parts credentials and account, absent ones empty; then the tenant, if there is one
 */
public record Scope(List<String> parts) {
  // Where Azure, Anthropic, Azure's API Management and Google have the credential, beside the
  // usual.
  private static final List<String> HEADERS =
      List.of(
          "authorization",
          "api-key",
          "x-api-key",
          "ocp-apim-subscription-key",
          "x-goog-api-key",
          "openai-organization",
          "openai-project");

  // The same, each with its hash at hand.
  private static final List<CharSequence> HASHED =
      HEADERS.stream().map(HttpHeaders::createOptimized).toList();

  /** The scope of a request: its credentials and its account. */
  public static Scope of(MultiMap headers) {
    return new Scope(List.of(parts(headers, HEADERS.size())));
  }

  /** The scope of a request by a key of our own, which is not in these headers any more. */
  public static Scope of(String tenant, MultiMap headers) {
    String[] parts = parts(headers, HEADERS.size() + 1);
    // What follows a scope without a tenant in a digest is a path, and no path has a blank.
    parts[HEADERS.size()] = "tenant " + tenant;
    return new Scope(List.of(parts));
  }

  private static String[] parts(MultiMap headers, int count) {
    String[] parts = new String[count];
    for (int i = 0; i < HEADERS.size(); i++) {
      parts[i] = all(headers, HASHED.get(i));
    }
    return parts;
  }

  // All of them, for there is no telling which of two the upstream believes.
  private static String all(MultiMap headers, CharSequence name) {
    if (!headers.contains(name)) {
      return "";
    }
    List<String> values = headers.getAll(name);
    return values.size() == 1 ? values.get(0) : String.join(", ", values);
  }

  /** The headers that make a scope. */
  public static List<String> headers() {
    return HEADERS;
  }

  /**
   * A hash that tells scopes apart and reveals no credential; to purge by, and for nothing else.
   */
  public long hash() {
    return hash(Fingerprints.sha256());
  }

  /** The same, with a digest that is to be had already. */
  long hash(MessageDigest sha256) {
    sha256.reset();
    addTo(sha256);
    return ByteBuffer.wrap(sha256.digest()).getLong();
  }

  /** What tells scopes apart for certain, and reveals no credential. */
  public Fingerprint digest() {
    MessageDigest sha256 = Fingerprints.sha256();
    addTo(sha256);
    return Fingerprint.of(sha256.digest());
  }

  void addTo(MessageDigest digest) {
    for (String part : parts) {
      digest.update(part.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) '\n'); // no header value holds a line feed (RFC 9110 §5.5)
    }
  }

  /** Never shows a credential. */
  @Override
  public String toString() {
    return "Scope";
  }
}
