package dev.refrain.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Framing;
import dev.refrain.inference.Source;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExemplarsTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final String PARENT = "00-" + TRACE + "-" + SPAN + "-01";
  private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0";

  private final PrometheusMeterRegistry registry = Registry.open();
  private final MeteredObserver observer = new MeteredObserver(registry, MeterSettings.DEFAULT);

  @Test
  void theBucketOfARequestAndOfAFirstTokenShowTheTraceThatTheCallerGave() {
    observer.finished(
        new Finished(
            null, 200, Framing.WHOLE, Source.MEMORY, "", TimeUnit.MILLISECONDS.toNanos(2), PARENT));
    observer.firstFrame(TimeUnit.MILLISECONDS.toNanos(300), PARENT);

    String labels = "{span_id=\"" + SPAN + "\",trace_id=\"" + TRACE + "\"}";
    assertThat(page(OPEN_METRICS))
        .anyMatch(
            line ->
                line.startsWith("refrain_request_duration_seconds_bucket{framing=\"whole\"")
                    && line.contains("le=\"0.0025\"} 1 # " + labels + " 0.002 "))
        .anyMatch(
            line ->
                line.startsWith("refrain_time_to_first_token_seconds_bucket{le=\"0.5\"}")
                    && line.contains(" 1 # " + labels + " 0.3 "));
  }

  @Test
  void nothingElseShowsATraceAndThePlainTextFormatShowsNone() {
    observer.finished(new Finished(null, 200, Framing.WHOLE, Source.MEMORY, "", 1, PARENT));
    observer.nextFrame(1);

    assertThat(page(OPEN_METRICS))
        .filteredOn(line -> line.contains(TRACE))
        .hasSize(1) // Prometheus refuses a page that has them anywhere else
        .allMatch(line -> line.startsWith("refrain_request_duration_seconds_bucket"));
    assertThat(registry.scrape()).doesNotContain(TRACE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", // not sampled
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", // a version there is not
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473 -00f067aa0ba902b7-01",
        "Bearer sk-1234567890123456789012345678901234567890123456",
        ""
      })
  void whatIsNoSampledTraceIsNotShown(String trace) {
    observer.finished(new Finished(null, 200, Framing.WHOLE, Source.MEMORY, "", 1, trace));
    observer.finished(new Finished(null, 200, Framing.STREAM, Source.UPSTREAM, "", 1, null));
    assertThat(page(OPEN_METRICS)).noneMatch(line -> line.contains(" # {"));
  }

  @Test
  void oneCallersTraceIsNotShownForTheNext() {
    observer.finished(new Finished(null, 200, Framing.WHOLE, Source.MEMORY, "", 1, PARENT));
    observer.finished(new Finished(null, 200, Framing.WHOLE, Source.REDIS, "", 1, null));
    assertThat(page(OPEN_METRICS)).filteredOn(line -> line.contains(" # {")).hasSize(1);
  }

  private List<String> page(String type) {
    return registry.scrape(type).lines().toList();
  }
}
