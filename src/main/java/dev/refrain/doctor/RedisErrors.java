package dev.refrain.doctor;

import dev.refrain.redis.RedisError;
import io.netty.channel.ConnectTimeoutException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * Describes an error of Redis in plain words. It never quotes the server's message, which may
 * repeat what was sent.
 */
final class RedisErrors {
  private RedisErrors() {}

  /**
   * The meaning of a failure, for an operator.
   *
   * @param login where the configuration has its user and password: {@code cache.redis.}
   */
  static String of(Throwable cause, String login) {
    String message = String.valueOf(cause.getMessage());
    if (message.contains("WRONGPASS") || message.contains("invalid password")) {
      return "rejects the password; check "
          + login
          + "username and "
          + login
          + "password, or the url that holds them";
    }
    if (message.contains("NOAUTH")) {
      return "requires a password; set " + login + "password, or put it into the url";
    }
    if (message.contains("without any password configured")) {
      return "has no password configured, but one is sent; remove it from "
          + login
          + "password, or of the url";
    }
    if (cause instanceof ConnectTimeoutException
        || cause.getCause() instanceof ConnectTimeoutException) {
      return "connection timed out; check its address, and whether a firewall is in between";
    }
    if (cause instanceof TimeoutException) {
      return "accepts connections but does not reply; it hangs, or runs a slow command";
    }
    if (isOfTls(cause)) {
      return "TLS handshake failed; check whether it supports TLS (rediss://), and its certificate";
    }
    RedisError redisError = RedisError.of(cause);
    return redisError == null
        ? "connection refused; check its address, and whether it is running"
        : "refuses (" + redisError + "); " + redisError.advice();
  }

  private static boolean isOfTls(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return true;
      }
    }
    return false;
  }
}
