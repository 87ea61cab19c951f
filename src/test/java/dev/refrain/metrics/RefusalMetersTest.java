package dev.refrain.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Failure.Kind;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalMetersTest {
  /** Every value that the label has. */
  static final Set<String> FIELDS =
      Set.of(
          "best_of",
          "echo",
          "frequency_penalty",
          "input",
          "logit_bias",
          "logprobs",
          "max_completion_tokens",
          "max_tokens",
          "messages",
          "model",
          "n",
          "presence_penalty",
          "prompt",
          "seed",
          "stop",
          "stream",
          "stream_options",
          "suffix",
          "temperature",
          "top_logprobs",
          "top_p",
          "none",
          "other");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final RefusalMeters refusals = new RefusalMeters(registry);

  @ParameterizedTest
  @CsvSource({
    "INVALID, prompt[3], invalid, prompt",
    "INVALID, stream_options.include_usage, invalid, stream_options",
    "INVALID, sk-secret, invalid, other",
    "INVALID, , invalid, none",
    "FORBIDDEN, model, forbidden, none",
    "TOO_LARGE, , too_large, none"
  })
  void aRefusalCountsByItsReasonAndTheMemberAtFault(
      Kind kind, String field, String reason, String label) {
    refusals.refused(kind, field);
    String series = "refrain_refusals_total{field=\"%s\",reason=\"%s\"}".formatted(label, reason);
    assertThat(Page.of(registry).series()).containsEntry(series, 1.0);
  }

  @Test
  void whatIsNotTheCallersFaultIsNoRefusal() {
    refusals.refused(Kind.INTERNAL, null);
    refusals.refused(Kind.UPSTREAM_TIMEOUT, null);
    refusals.refused(Kind.CANCELLED, null);
    assertThat(Page.of(registry).series().values()).containsOnly(0.0);
  }
}
