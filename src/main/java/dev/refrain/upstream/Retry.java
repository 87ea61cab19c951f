package dev.refrain.upstream;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Observer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * Chooses who answers, and asks again, somebody else if possible, what failed before its answer
 * began. One for each event loop.
 */
public final class Retry implements CompletionService {
  private final Routes routes;
  private final RetrySettings settings;
  private final Alarm alarm;
  private final Observer observer;
  private final Calls next;

  /** A stage over the calls of the same event loop. */
  public Retry(
      Vertx vertx, Routes routes, RetrySettings settings, Observer observer, UpstreamCall next) {
    this(Alarm.of(vertx), routes, settings, observer, next);
  }

  Retry(Alarm alarm, Routes routes, RetrySettings settings, Observer observer, Calls next) {
    this.alarm = alarm;
    this.routes = routes;
    this.settings = settings;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    Route route = routes.of(request.model());
    return new Tries(request, route, settings, alarm, observer, next).start();
  }
}
