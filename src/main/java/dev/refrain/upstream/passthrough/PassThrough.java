package dev.refrain.upstream.passthrough;

import dev.refrain.inference.Deadlines;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Observer;
import dev.refrain.inference.RequestListener;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.upstream.HttpClients;
import dev.refrain.upstream.Target;
import dev.refrain.upstream.UpstreamCall;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Passes requests on as they are: streamed both ways, never gathered, in memory that does not grow
 * with them. One for each event loop, with clients of its own: so that a pool full of long
 * downloads does not delay completions.
 */
public final class PassThrough
    implements BiFunction<HttpServerRequest, RequestListener, Future<Void>> {
  // CONNECT would open a tunnel to anywhere; TRACE would show the caller the operator's key.
  private static final Set<HttpMethod> REFUSED = Set.of(HttpMethod.CONNECT, HttpMethod.TRACE);

  private final HttpClients clients;
  private final Origins origins;
  private final Deadlines deadlines;
  private final Duration sendTimeout;
  private final MemoryBudget memory;
  private final Observer observer;

  /**
   * For the event loop it is made on.
   *
   * @param clients of that event loop, not shared
   * @param origins in order of preference; at least one
   * @param memory of the process
   */
  public PassThrough(
      Vertx vertx,
      HttpClients clients,
      List<Origin> origins,
      Duration sendTimeout,
      MemoryBudget memory,
      Observer observer) {
    this.origins = new Origins(origins);
    this.deadlines = new Deadlines(vertx, UpstreamCall.TICK_MILLIS);
    this.sendTimeout = sendTimeout;
    this.memory = memory;
    this.observer = observer;
    this.clients = clients;
  }

  /**
   * Passes a request on. The future succeeds when it is answered, and fails with a {@link Failure}
   * when it is not; the caller must then send an error, unless the head of a response was written.
   */
  @Override
  public Future<Void> apply(HttpServerRequest request, RequestListener listener) {
    return apply(request, listener, request, Tap.NONE);
  }

  /**
   * The same, seen by a tap.
   *
   * @param body that of the request, paused; the request itself unless some of it was read before
   */
  public Future<Void> apply(
      HttpServerRequest request, RequestListener listener, ReadStream<Buffer> body, Tap tap) {
    if (REFUSED.contains(request.method())) {
      return Future.failedFuture(
          Failure.of(Kind.METHOD_NOT_ALLOWED, request.method() + " is not passed on"));
    }
    RequestTarget asked;
    try {
      asked = RequestTarget.of(request.uri());
    } catch (Failure invalid) {
      return Future.failedFuture(invalid);
    }
    Target target = origins.of(asked);
    String uri = target.sent(asked.below(target.url().getRawPath()));
    return new ProxiedExchange(
            request, target, deadlines, sendTimeout, memory, observer, listener, body, tap)
        .start(clients.of(target), uri);
  }

  /**
   * A server that requests may be passed to.
   *
   * @param target how it is to be called
   * @param paths globs of the paths it is passed by rule; empty means none
   */
  public record Origin(Target target, List<String> paths) {}
}
