package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.upstream.RequestGate.NotSent;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.proxy.ProxyConnectException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** Translates the HTTP client's exceptions into {@code Failure}s. */
public final class ExceptionMapper {
  private ExceptionMapper() {}

  /**
   * The failure an exception means.
   *
   * @param connected whether the request had a connection already
   */
  public static Failure translate(Throwable cause, boolean connected) {
    if (cause instanceof Failure failure) {
      return failure;
    }
    if (isMalformed(cause)) {
      return broken("", cause);
    }
    if (cause instanceof ConnectionPoolTooBusyException) {
      return Failure.of(Kind.OVERLOADED, "too many calls are waiting for the upstream", cause);
    }
    if (!connected && (cause instanceof TimeoutException || isConnectTimeout(cause))) {
      return Failure.of(Kind.UPSTREAM_TIMEOUT, "timeout while connecting to the upstream", cause);
    }
    Optional<String> tls = TlsErrors.of(cause);
    if (tls.isPresent()) {
      return Failure.of(Kind.UPSTREAM_UNREACHABLE, tls.get(), cause);
    }
    if (!connected && isOfProxy(cause)) {
      String message = "no connection to the upstream through the proxy";
      return Failure.of(Kind.UPSTREAM_UNREACHABLE, message, cause);
    }
    return connected
        ? broken("closed the connection before sending a response", cause)
        : Failure.of(Kind.UPSTREAM_UNREACHABLE, "no connection to the upstream", cause);
  }

  /**
   * An answer that is not what it should be.
   *
   * @param what happened to it if it is well-formed as far as it came; follows "the upstream"
   * @param cause the client's exception, or null
   */
  public static Failure broken(String what, Throwable cause) {
    String said = isMalformed(cause) ? cause.getMessage() : what;
    return Failure.of(Kind.UPSTREAM_BROKEN, "the upstream " + said, cause);
  }

  /** Whether there was an answer that is not HTTP, so that asking again would pay again. */
  static boolean isMalformed(Failure failure) {
    return isMalformed(failure.getCause());
  }

  private static boolean isMalformed(Throwable cause) {
    return cause instanceof MalformedResponse || cause instanceof NotSent;
  }

  /**
   * Whether a request that failed on a connection that had carried others may be sent once more, on
   * a fresh one (RFC 9110 §9.2.2): nothing of it left, or it is idempotent and the connection was
   * closed.
   */
  public static boolean isRepeatable(Throwable cause, boolean idempotent) {
    return cause instanceof NotSent
        || idempotent && (cause instanceof HttpClosedException || cause instanceof IOException);
  }

  private static boolean isOfProxy(Throwable cause) {
    return cause instanceof ProxyConnectException
        || cause.getCause() instanceof ProxyConnectException;
  }

  private static boolean isConnectTimeout(Throwable cause) {
    return cause instanceof ConnectTimeoutException
        || cause.getCause() instanceof ConnectTimeoutException;
  }
}
