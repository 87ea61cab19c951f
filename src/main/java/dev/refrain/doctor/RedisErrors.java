package dev.refrain.doctor;

import dev.refrain.redis.RedisError;
import io.netty.channel.ConnectTimeoutException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** What is wrong with a Redis, in plain words; never its own, which may repeat what was sent. */
final class RedisErrors {
  private RedisErrors() {}

  /**
   * What a failure means.
   *
   * @param login where the configuration has its user and password: {@code cache.redis.}
   */
  static String of(Throwable cause, String login) {
    String message = String.valueOf(cause.getMessage());
    if (message.contains("WRONGPASS") || message.contains("invalid password")) {
      return "refuses our password; check "
          + login
          + "username and "
          + login
          + "password, or the url that holds them";
    }
    if (message.contains("NOAUTH")) {
      return "asks for a password; set " + login + "password, or put it into the url";
    }
    if (message.contains("without any password configured")) {
      return "has no password, but is given one; take it out of "
          + login
          + "password, or of the url";
    }
    if (cause instanceof ConnectTimeoutException
        || cause.getCause() instanceof ConnectTimeoutException) {
      return "no connection in time; check its address, and whether a firewall is in between";
    }
    if (cause instanceof TimeoutException) {
      return "takes connections and does not answer; it hangs, or is busy with a slow command";
    }
    if (isOfTls(cause)) {
      return "no TLS session; check whether it speaks TLS (rediss://), and its certificate";
    }
    RedisError redisError = RedisError.of(cause);
    return redisError == null
        ? "nobody listens there; check its address, and whether it runs"
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
