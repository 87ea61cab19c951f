package dev.refrain.upstream;

import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.upstream.RetryLoop.CallSender;
import dev.refrain.upstream.RetryLoop.DelayScheduler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.LongSupplier;

/**
 * Selects a server and retries calls that failed before their response began, on another server if
 * possible. One for each event loop.
 */
public final class Retry implements InferenceService {
  private final Routes routes;
  private final RetrySettings settings;
  private final DelayScheduler scheduler;
  private final LongSupplier nanoTime;
  private final Observer observer;
  private final CallSender next;

  /** A stage over the calls of the same event loop. */
  public Retry(
      Vertx vertx, Routes routes, RetrySettings settings, Observer observer, UpstreamCall next) {
    this(DelayScheduler.of(vertx), System::nanoTime, routes, settings, observer, next);
  }

  Retry(
      DelayScheduler scheduler,
      LongSupplier nanoTime,
      Routes routes,
      RetrySettings settings,
      Observer observer,
      CallSender next) {
    this.scheduler = scheduler;
    this.nanoTime = nanoTime;
    this.routes = routes;
    this.settings = settings;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request) {
    Route route = routes.of(request.model());
    return new RetryLoop(request, route, settings, scheduler, nanoTime, observer, next).start();
  }
}
