package dev.refrain.upstream;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.util.concurrent.atomic.AtomicBoolean;

/** Probes the servers that have a probe configured. One event loop does it for all. */
public final class HealthProbes {
  private static final long PATIENCE_MILLIS = 5_000;

  private final Routes routes;
  private final AtomicBoolean taken = new AtomicBoolean();
  private volatile boolean over;

  /** Probes of these servers. */
  public HealthProbes(Routes routes) {
    this.routes = routes;
  }

  /** Begins on the first event loop that comes; the others need not ask. */
  public void begin(Vertx vertx, UpstreamCall clients) {
    if (taken.compareAndSet(false, true)) {
      routes.upstreams().stream()
          .filter(upstream -> !upstream.upstreamSettings().probe().isEmpty())
          .forEach(upstream -> later(vertx, clients, upstream));
    }
  }

  /** Asks no more. On any thread. */
  public void end() {
    over = true;
  }

  // After the answer, not at a rate: a slow server never has two probes at once.
  private void later(Vertx vertx, UpstreamCall clients, Upstream upstream) {
    long interval = upstream.upstreamSettings().interval().toMillis();
    vertx.setTimer(interval, id -> probe(vertx, clients, upstream));
  }

  private void probe(Vertx vertx, UpstreamCall clients, Upstream upstream) {
    if (over) {
      return;
    }
    Target target = upstream.target();
    BoundedGet.ask(
            clients.client(target),
            target,
            upstream.upstreamSettings().probe(),
            HttpHeaders.headers(),
            PATIENCE_MILLIS)
        .onSuccess(reply -> upstream.health().probed(reply.head().ok(), false))
        .onFailure(cause -> upstream.health().probed(false, true))
        .onComplete(reply -> later(vertx, clients, upstream));
  }
}
