package dev.refrain.http;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.keys.Key;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.BiConsumer;

/**
 * Checks a request before it is processed: its size, and the limit of connections. It also removes
 * the header fields that the operator denies.
 */
public final class RequestGuard {
  private final ServerSettings settings;

  /** A guard without state. */
  public RequestGuard(ServerSettings settings) {
    this.settings = settings;
  }

  /** Notes that the head of a request is here; false if there is no room for its connection. */
  boolean admits(HttpServerRequest request) {
    ConnectionTimer timer = Socket.of(request.connection()).timer();
    timer.asks(request);
    return timer.isWelcome();
  }

  /** Takes what is denied from the request, and later what is hidden from its answer. */
  void strip(HttpServerRequest request) {
    settings.deny().forEach(request.headers()::remove);
    if (!settings.hide().isEmpty()) {
      HttpServerResponse response = request.response();
      response.headersEndHandler(v -> settings.hide().forEach(response.headers()::remove));
    }
  }

  /**
   * Has the answer say what a key has left, and not what is hidden.
   *
   * @param open whether pages of other origins may read it, unless it has CORS fields of its own
   */
  void declare(HttpServerRequest request, Key key, boolean open) {
    HttpServerResponse response = request.response();
    response.headersEndHandler(
        v -> {
          if (open) {
            CrossOrigin.open(request);
          }
          if (key.isLimited()) {
            ErrorHeaders.limits(response.headers(), key);
          }
          settings.hide().forEach(response.headers()::remove);
        });
  }

  /** Why the request is too large for us, or null. The codec of HTTP/1.1 refuses some itself. */
  Failure refusal(HttpServerRequest request) {
    if (request.uri().length() > settings.requestLine()) {
      return tooLongLine();
    }
    FieldCount fields = new FieldCount();
    request.headers().forEach(fields);
    if (fields.count > settings.headerCount()) {
      String message = "more than " + settings.headerCount() + " header fields";
      return Failure.of(Kind.HEADERS_TOO_LARGE, message);
    }
    return null;
  }

  /** Why the codec could not read the request. */
  Failure refusal(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return tooLongLine();
    }
    return cause instanceof TooLongHttpHeaderException
        ? Failure.of(Kind.HEADERS_TOO_LARGE, "the header fields are too large")
        : Failure.of(Kind.INVALID, "malformed HTTP request", cause);
  }

  private static Failure tooLongLine() {
    return Failure.of(Kind.URI_TOO_LONG, "the request line is too long");
  }

  /** Counts fields; the size of a {@code MultiMap} is that of the sorted set of their names. */
  private static final class FieldCount implements BiConsumer<String, String> {
    private int count;

    @Override
    public void accept(String name, String value) {
      count++;
    }
  }
}
