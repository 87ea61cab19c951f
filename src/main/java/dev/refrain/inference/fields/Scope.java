package dev.refrain.inference.fields;

import dev.refrain.inference.Fingerprint;
import io.vertx.core.MultiMap;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/**
 * Scope of sharing: two requests share an answer only within one scope. Lives only as long as the
 * digest it goes into; credentials are never kept.
 *
 * @param tenant of the caller's key, where Refrain has keys; else null
 * @param fields header fields with a role
 * @param query credentials in the query
 */
public record Scope(String tenant, CountedFields fields, List<String> query) {

  /** The scope of a request without a query, by the roles that fields have by default. */
  public static Scope of(MultiMap headers) {
    return of(null, headers);
  }

  /** The same of a request with a key of Refrain's, which was removed from these headers. */
  public static Scope of(String tenant, MultiMap headers) {
    return of(FieldRoles.DEFAULT, tenant, headers, "");
  }

  /**
   * The scope of a request.
   *
   * @param tenant of the caller's key, or null
   * @param target path and query
   */
  public static Scope of(FieldRoles roles, String tenant, MultiMap headers, String target) {
    return new Scope(tenant, CountedFields.of(roles, headers), QueryFields.credentials(target));
  }

  /** The same caller at an upstream that gets no credentials of callers. */
  public Scope withoutCredentials() {
    return new Scope(tenant, fields.withoutCredentials(), List.of());
  }

  /** A hash that distinguishes scopes and reveals no credential; only for purges. */
  public long hash() {
    return hash(Fingerprint.sha256());
  }

  /** The same, with an existing digest. */
  public long hash(MessageDigest sha256) {
    sha256.reset();
    addTo(sha256);
    return ByteBuffer.wrap(sha256.digest()).getLong();
  }

  /** Distinguishes scopes with certainty, and reveals no credential. */
  public Fingerprint digest() {
    MessageDigest sha256 = Fingerprint.sha256();
    addTo(sha256);
    return Fingerprint.of(sha256.digest());
  }

  /** Adds the scope to a digest. */
  public void addTo(MessageDigest digest) {
    if (tenant != null) {
      // No line of a field or of a query begins like this, because no name contains a blank.
      line(digest, "tenant " + tenant.replace("\n", "\\n"));
    }
    lines(digest, fields.credentials());
    lines(digest, fields.scope());
    for (int i = 0; i < query.size(); i++) {
      line(digest, "?" + query.get(i));
    }
    digest.update((byte) '\n');
  }

  /** Adds fields that may change the answer and do not identify the caller. */
  public void addKeyTo(MessageDigest digest) {
    lines(digest, fields.key());
  }

  // By index: most lists are empty or have one line, and every request has all of them.
  private static void lines(MessageDigest digest, List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      line(digest, lines.get(i));
    }
  }

  private static void line(MessageDigest digest, String line) {
    digest.update(line.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '\n'); // no header value holds a line feed (RFC 9110 §5.5)
  }

  /** Never shows a credential. */
  @Override
  public String toString() {
    return "Scope";
  }
}
