package dev.refrain.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.distribution.TimeWindowMax;
import io.vertx.core.Vertx;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * {@code refrain_event_loop_lag_seconds}: how late the slowest event loop was at its worst in the
 * last minute or so. Vert.x' own blocked-thread checker reports only after two seconds, which is
 * too late for a proxy.
 *
 * <p>Each watched loop asks to be woken ten times a second and notes how late it is. A loop that
 * hangs notes nothing, so a scrape also looks at how long overdue each one is.
 */
public final class EventLoopLag {
  private static final long INTERVAL_MILLIS = 100;
  private static final long WINDOW_MILLIS = 20_000;
  private static final int WINDOWS = 3;

  private final Set<Probe> probes = ConcurrentHashMap.newKeySet();
  private final LongSupplier nanoTime;
  private final TimeWindowMax worst;

  /** Registers the gauge; nothing is watched yet. */
  public EventLoopLag(MeterRegistry registry) {
    this(registry, System::nanoTime);
  }

  EventLoopLag(MeterRegistry registry, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    worst = new TimeWindowMax(registry.config().clock(), WINDOW_MILLIS, WINDOWS);
    Gauge.builder("refrain.event.loop.lag", this::seconds)
        .description("How late the slowest event loop was, at its worst in the last minute")
        .baseUnit("seconds")
        .register(registry);
  }

  /**
   * Watches the event loop that calls this, until what is returned runs on the same loop. Must be
   * run before the verticle that watches is undeployed, or its loop seems to hang for ever.
   */
  public Runnable watch(Vertx vertx) {
    Probe probe = new Probe(vertx);
    probes.add(probe);
    probe.sleep();
    return probe::stop;
  }

  /** Nanoseconds for which the slowest event loop has not answered. Any thread. */
  public long overdue() {
    long now = nanoTime.getAsLong();
    return probes.stream().mapToLong(probe -> now - probe.due).max().orElse(0);
  }

  private double seconds() {
    return Math.max(worst.poll(), overdue()) / TimeUnit.SECONDS.toNanos(1);
  }

  private final class Probe {
    private final Vertx vertx;
    private long timer;
    private volatile long due;

    Probe(Vertx vertx) {
      this.vertx = vertx;
    }

    // Not periodic: a fixed rate would make up for a delay with a burst of punctual ticks.
    void sleep() {
      due = nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS);
      timer = vertx.setTimer(INTERVAL_MILLIS, id -> wake());
    }

    void wake() {
      worst.record(Math.max(0, nanoTime.getAsLong() - due));
      sleep();
    }

    void stop() {
      vertx.cancelTimer(timer);
      probes.remove(this);
    }
  }
}
