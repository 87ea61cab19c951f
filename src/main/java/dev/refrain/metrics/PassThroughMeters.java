package dev.refrain.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what is only passed through. */
final class PassThroughMeters {
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Map<Method, Map<StatusClass, Counter>> requests;
  private final Map<PathClass, Counter> paths;
  private final Counter up;
  private final Counter down;

  PassThroughMeters(MeterRegistry registry) {
    requests =
        Labels.each(
            Method.class,
            method -> Labels.each(StatusClass.class, status -> requests(registry, method, status)));
    paths = Labels.each(PathClass.class, path -> paths(registry, path));
    up = bytes(registry, "up");
    down = bytes(registry, "down");
    Gauge.builder("refrain.passthrough.requests.in.flight", inFlight::get)
        .description("Requests being passed through")
        .register(registry);
  }

  void began() {
    inFlight.incrementAndGet();
  }

  void ended(String method, String path, int status, long bytesUp, long bytesDown) {
    inFlight.decrementAndGet();
    paths.get(PathClass.of(path)).increment();
    requests.get(Method.of(method)).get(StatusClass.of(status)).increment();
    up.increment(bytesUp);
    down.increment(bytesDown);
  }

  private static Counter requests(MeterRegistry registry, Method method, StatusClass status) {
    return Labels.counter(
        registry,
        "refrain.passthrough.requests",
        "Requests passed through",
        "method",
        Labels.of(method),
        "status",
        status.label());
  }

  private static Counter paths(MeterRegistry registry, PathClass path) {
    return Labels.counter(
        registry,
        "refrain.passthrough.paths",
        "Requests passed through, by what their path asks for",
        "path",
        Labels.of(path));
  }

  private static Counter bytes(MeterRegistry registry, String direction) {
    return Labels.counter(
        registry,
        "refrain.passthrough.bytes",
        "Bytes of bodies passed through",
        "direction",
        direction);
  }
}
