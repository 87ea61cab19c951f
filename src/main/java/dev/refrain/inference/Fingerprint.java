package dev.refrain.inference;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Identity of a deterministic answer: a SHA-256 over the scope, the route and everything else that
 * can change the answer. Equal fingerprints may share one answer.
 *
 * <p>Source: FIPS 180-4. The digest is cryptographic because tenants share the cache and collisions
 * of lesser hashes can be constructed.
 */
public record Fingerprint(long a, long b, long c, long d) {
  /** Bytes of a digest. */
  public static final int LENGTH = 32;

  /** Reads the 32 bytes of a digest. */
  public static Fingerprint of(byte[] digest) {
    ByteBuffer in = ByteBuffer.wrap(digest);
    return new Fingerprint(in.getLong(), in.getLong(), in.getLong(), in.getLong());
  }

  /** A new SHA-256. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The 32 bytes of the digest. */
  public byte[] bytes() {
    return ByteBuffer.allocate(LENGTH).putLong(a).putLong(b).putLong(c).putLong(d).array();
  }

  /** Bits of a digest are spread evenly already; one word is as good as a mix of four. */
  @Override
  public int hashCode() {
    return (int) (a ^ (a >>> 32));
  }

  /** 64 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes());
  }
}
