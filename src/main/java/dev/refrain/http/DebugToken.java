package dev.refrain.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signed header by which a trusted client enables debug logging for a request: {@code
 * X-Refrain-Debug: <until>.<hmac>}, the expiry in seconds since the epoch and its HMAC-SHA256 (RFC
 * 2104) in hexadecimal. It is valid for a day at most, because anyone who has seen it can use it.
 * Any thread.
 */
public final class DebugToken {
  /** The header field. */
  public static final String HEADER = "X-Refrain-Debug";

  private static final CharSequence NAME = HttpHeaders.createOptimized("x-refrain-debug");
  private static final long LONGEST_SECONDS = Duration.ofDays(1).toSeconds();
  private static final int LONGEST = 128;

  private final String secret;
  private final LongSupplier clock;

  /**
   * A judge of passes.
   *
   * @param secret empty rejects all
   * @param clock milliseconds of the epoch
   */
  public DebugToken(String secret, LongSupplier clock) {
    this.secret = secret;
    this.clock = clock;
  }

  /** The value of a pass that is good until then, in seconds of the epoch. */
  public String until(long seconds) {
    return seconds + "." + hmac(Long.toString(seconds));
  }

  /**
   * Removes the token from a request, valid or not, so that it goes no further. Returns whether it
   * is valid.
   */
  boolean takes(MultiMap headers) {
    String pass = headers.get(NAME);
    if (pass == null) {
      return false;
    }
    headers.remove(NAME);
    return !secret.isEmpty() && pass.length() <= LONGEST && isGood(pass.trim());
  }

  private boolean isGood(String pass) {
    int dot = pass.indexOf('.');
    if (dot < 0 || !isTimely(pass.substring(0, dot))) {
      return false;
    }
    String signed = hmac(pass.substring(0, dot));
    return MessageDigest.isEqual(bytes(signed), bytes(pass.substring(dot + 1)));
  }

  private boolean isTimely(String until) {
    try {
      long left = Long.parseLong(until) - clock.getAsLong() / 1000;
      return left >= 0 && left <= LONGEST_SECONDS;
    } catch (NumberFormatException noTime) {
      return false;
    }
  }

  private String hmac(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(bytes(secret), mac.getAlgorithm()));
      return HexFormat.of().formatHex(mac.doFinal(bytes(text)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible); // every Java platform has it
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
