package dev.refrain.upstream;

import dev.refrain.upstream.Target.Transport;
import dev.refrain.upstream.Upstream.UpstreamSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Servers for tests, which open after two failures in a row, by a clock that is set by hand. */
final class Servers {
  static final Duration SECOND = Duration.ofSeconds(1);

  final AtomicLong clock = new AtomicLong();

  static Target target(String name, List<String> models, URI url) {
    return new Target(
        name, url, models, "secret", SECOND, SECOND, SECOND, SECOND, 2, 1, Transport.DIRECT);
  }

  RetrySettings retry(int most, double share, int reserve) {
    return new RetrySettings(
        most,
        List.of(429, 500, 502, 503, 504),
        Duration.ofMillis(25),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        new RetrySettings.Budget(share, reserve));
  }

  Upstream upstream(String name) {
    return upstream(name, List.of(), Map.of(), 1, 0);
  }

  Upstream upstream(String name, int weight, int priority) {
    return upstream(name, List.of(), Map.of(), weight, priority);
  }

  Upstream upstream(String name, List<String> models, Map<String, String> aliases) {
    return upstream(name, models, aliases, 1, 0);
  }

  private Upstream upstream(
      String name, List<String> models, Map<String, String> aliases, int weight, int priority) {
    return new Upstream(
        target(name, models, URI.create("http://" + name + ":80")),
        new UpstreamSettings(aliases, weight, priority, 1_000, 2, SECOND, "", SECOND),
        retry(2, 0.2, 10),
        clock::get);
  }

  void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }
}
