package dev.refrain.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.LongSupplier;

/** Counts dropped log events. */
public final class LogMeters {
  /**
   * Registers {@code refrain_log_events_dropped_total}.
   *
   * @param dropped messages that found no room; asked by the thread that scrapes
   */
  public LogMeters(MeterRegistry registry, LongSupplier dropped) {
    // Of the object that it is given a counter is only a weak holder, so that is the registry.
    FunctionCounter.builder("refrain.log.events.dropped", registry, r -> dropped.getAsLong())
        .description("Messages that found no room in the queue before the log")
        .register(registry);
  }
}
