package dev.refrain.loadtest.client;

import io.vertx.core.json.JsonObject;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** What came of the requests of one order. Times in nanoseconds inside, microseconds outside. */
final class Tally {
  private static final long LONGEST = 600_000_000_000L;

  private final Histogram whole = new Histogram(LONGEST, 3);
  private final Histogram first = new Histogram(LONGEST, 3);
  private final Histogram late = new Histogram(LONGEST, 3);
  private final TreeMap<String, Long> failures = new TreeMap<>();
  private long events;
  private long bytes;

  void answered(long nanos) {
    whole.recordValue(Math.min(nanos, LONGEST));
  }

  void began(long nanos) {
    first.recordValue(Math.min(nanos, LONGEST));
  }

  /** How long after its time a request was begun: the client's own fault, not the server's. */
  void sent(long nanos) {
    late.recordValue(Math.min(Math.max(nanos, 0), LONGEST));
  }

  void heard(int events, int bytes) {
    this.events += events;
    this.bytes += bytes;
  }

  void failed(String why) {
    failures.merge(why, 1L, Long::sum);
  }

  JsonObject result() {
    JsonObject why = new JsonObject();
    failures.forEach(why::put);
    return new JsonObject()
        .put("event", "done")
        .put("answered", whole.getTotalCount())
        .put("failed", failures.values().stream().mapToLong(Long::longValue).sum())
        .put("failures", why)
        .put("events", events)
        .put("bytes", bytes)
        .put("latency", percentiles(whole))
        .put("first", percentiles(first))
        .put("late", percentiles(late));
  }

  private static JsonObject percentiles(Histogram times) {
    return new JsonObject()
        .put("p50", times.getValueAtPercentile(50) / 1e3)
        .put("p90", times.getValueAtPercentile(90) / 1e3)
        .put("p99", times.getValueAtPercentile(99) / 1e3)
        .put("p999", times.getValueAtPercentile(99.9) / 1e3)
        .put("max", times.getMaxValue() / 1e3);
  }
}
