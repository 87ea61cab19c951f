package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.proxy.ProxyConnectException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** Translates the HTTP client's exceptions into failures of ours. */
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
    if (cause instanceof ConnectionPoolTooBusyException) {
      return Failure.of(Kind.OVERLOADED, "too many calls wait for the upstream", cause);
    }
    if (!connected && (cause instanceof TimeoutException || isConnectTimeout(cause))) {
      return Failure.of(Kind.UPSTREAM_TIMEOUT, "no connection to the upstream in time", cause);
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
        ? Exchange.broken("closed the connection before it answered", cause)
        : Failure.of(Kind.UPSTREAM_UNREACHABLE, "no connection to the upstream", cause);
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
