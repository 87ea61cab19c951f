package dev.refrain.upstream;

import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.upstream.RetryLoop.DelayScheduler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Selects a server and retries calls that failed before their response began, on another server if
 * possible. One for each event loop.
 */
public final class Retry implements InferenceService {
  private final Routes routes;
  private final RetrySettings settings;
  private final DelayScheduler scheduler;
  private final Observer observer;
  private final CallSender next;

  /** A stage over the calls of the same event loop. */
  public Retry(
      Vertx vertx, Routes routes, RetrySettings settings, Observer observer, UpstreamCall next) {
    this(DelayScheduler.of(vertx), routes, settings, observer, next);
  }

  Retry(
      DelayScheduler scheduler,
      Routes routes,
      RetrySettings settings,
      Observer observer,
      CallSender next) {
    this.scheduler = scheduler;
    this.routes = routes;
    this.settings = settings;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request) {
    Route route = routes.of(request.model());
    return new RetryLoop(request, route, settings, scheduler, observer, next).start();
  }

  /**
   * Settings of retries.
   *
   * @param maxRetries tries after the first
   * @param on statuses that are worth another try, and count against the server
   * @param initialBackoff longest wait before the first of them; doubles from one to the next
   * @param maxBackoff what it grows to
   * @param maxRetryAfter longest {@code Retry-After} that is waited for
   * @param share of a retry that each request earns
   * @param reserve most retries saved up
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public record RetrySettings(
      int maxRetries,
      Set<Integer> on,
      Duration initialBackoff,
      Duration maxBackoff,
      Duration maxRetryAfter,
      double share,
      int reserve,
      LongSupplier nanoTime) {}
}
