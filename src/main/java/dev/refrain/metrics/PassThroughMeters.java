package dev.refrain.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
    paths =
        Labels.counters(
            registry,
            PathClass.class,
            "refrain.passthrough.paths",
            "Requests passed through, by what their path asks for",
            "path");
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

  private static Counter bytes(MeterRegistry registry, String direction) {
    return Labels.counter(
        registry,
        "refrain.passthrough.bytes",
        "Bytes of bodies passed through",
        "direction",
        direction);
  }

  /** A method of HTTP, as a label. */
  private enum Method {
    GET,
    HEAD,
    POST,
    PUT,
    PATCH,
    DELETE,
    OPTIONS,
    /** Any other word; callers invent them, and labels must not. */
    OTHER;

    private static final Map<String, Method> KNOWN =
        Stream.of(values()).collect(Collectors.toUnmodifiableMap(Method::name, method -> method));

    static Method of(String name) {
      return KNOWN.getOrDefault(name, OTHER);
    }
  }

  /** The class of a path, as a label: callers can invent paths, so a path itself is no label. */
  private enum PathClass {
    CHAT("/chat/completions"),
    COMPLETIONS("/completions"),
    EMBEDDINGS("/embeddings"),
    RESPONSES("/responses"),
    MODELS("/models"),
    OTHER("");

    private final String end;

    PathClass(String end) {
      this.end = end;
    }

    /** The first class whose end the path has; null is no path. */
    static PathClass of(String path) {
      for (PathClass each : values()) {
        if (path != null && path.endsWith(each.end)) {
          return each;
        }
      }
      return OTHER;
    }
  }
}
