package dev.refrain.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Histograms that show of each bucket a trace of which something fell into it, where a caller gave
 * one that is sampled. They are on the same page as all others, but of a registry of their own:
 * exemplars are no matter of a meter, and looking for one costs every meter of a registry
 * something.
 *
 * <p>Threads: any.
 *
 * <p>Sources: OpenMetrics 1.0, Exemplars; W3C Trace Context §3.2.
 */
final class Exemplars {
  private static final int LENGTH =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".length();
  private static final Pattern PARENT =
      Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private final Current current = new Current();
  private final MeterRegistry registry;

  /** Beside the meters of this registry. */
  Exemplars(PrometheusMeterRegistry beside) {
    registry =
        new PrometheusMeterRegistry(
            PrometheusConfig.DEFAULT, beside.getPrometheusRegistry(), Clock.SYSTEM, current);
  }

  /** Where to register such a histogram. */
  MeterRegistry registry() {
    return registry;
  }

  /**
   * Records in such a histogram.
   *
   * @param trace a {@code traceparent}, which may be anything; or null
   */
  void record(Timer timer, long nanos, String trace) {
    if (trace == null) {
      timer.record(nanos, TimeUnit.NANOSECONDS);
      return;
    }
    current.parent.set(trace);
    try {
      timer.record(nanos, TimeUnit.NANOSECONDS);
    } finally {
      current.parent.remove();
    }
  }

  /** The trace that the calling thread records for. It is read only when an exemplar is wanted. */
  private static final class Current implements SpanContext {
    private final ThreadLocal<String> parent = new ThreadLocal<>();

    @Override
    public String getCurrentTraceId() {
      return parent.get().substring(3, 35);
    }

    @Override
    public String getCurrentSpanId() {
      return parent.get().substring(36, 52);
    }

    @Override
    public boolean isCurrentSpanSampled() {
      String trace = parent.get();
      return trace != null
          && trace.length() == LENGTH
          && PARENT.matcher(trace).matches()
          && (Character.digit(trace.charAt(LENGTH - 1), 16) & 1) == 1;
    }

    @Override
    public void markCurrentSpanAsExemplar() {
      // the system that sampled it keeps it
    }
  }
}
