package dev.refrain.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import dev.refrain.metrics.MeterSettings.Price;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenMetersTest {
  private static final Pattern MODEL = Pattern.compile("model=\"([^\"]*)\"");

  private static final List<Price> NONE = List.of();
  private static final List<Price> PRICES =
      List.of(new Price("cheap", 1, 2), new Price("c*", 10, 20));

  private static final Endpoint ENDPOINT = new Endpoint("/v1/chat/completions", "chat", "chat");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @Test
  void whatTheConfigurationNamesIsThereFromTheStartAndSoAreTheOthersTogether() {
    meters(3, NONE, "a", "b");
    assertThat(models()).containsExactly("a", "b", "other");
  }

  @Test
  void whoAnswersFirstHasALabelOfItsOwnAndWhoComesAfterTheLimitSharesOne() {
    TokenMeters meters = meters(2, NONE, "a");
    meters.answered(ENDPOINT, Source.UPSTREAM, "b", Tokens.of(1, 2));
    meters.answered(ENDPOINT, Source.UPSTREAM, "c", Tokens.of(10, 20));
    meters.answered(ENDPOINT, Source.UPSTREAM, "d", Tokens.of(100, 200));
    meters.answered(ENDPOINT, Source.UPSTREAM, "b", Tokens.of(1, 2));

    assertThat(models()).containsExactly("a", "b", "other");
    assertThat(prompt("b")).isEqualTo(2);
    assertThat(prompt("other")).isEqualTo(110);
  }

  @Test
  void aModelOfWhichNoUsageIsKnownTakesNoPlace() {
    TokenMeters meters = meters(1, NONE);
    meters.answered(ENDPOINT, Source.UPSTREAM, "unknown", Tokens.UNKNOWN);
    meters.answered(ENDPOINT, Source.UPSTREAM, "b", Tokens.of(1, 2));
    assertThat(models()).containsExactly("b", "other");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "other", "two words", "line\nfeed", "\u0000", "\uD83D\uDE00"})
  void whatIsNoNameIsNoLabel(String name) {
    TokenMeters meters = meters(9, NONE);
    meters.answered(ENDPOINT, Source.MEMORY, name, Tokens.of(1, 2));
    meters.answered(ENDPOINT, Source.MEMORY, "n".repeat(129), Tokens.of(1, 2));
    meters.answered(ENDPOINT, Source.MEMORY, "meta-llama/通义:free", Tokens.of(1, 2));
    assertThat(models()).containsExactly("meta-llama/通义:free", "other");
  }

  @Test
  void theLimitHoldsHoweverManyComeAtOnce() throws Exception {
    TokenMeters meters = meters(16, NONE);
    ExecutorService crowd = Executors.newFixedThreadPool(4);
    CountDownLatch go = new CountDownLatch(1);
    for (int thread = 0; thread < 4; thread++) {
      crowd.execute(
          () -> {
            try {
              go.await();
            } catch (InterruptedException stopped) {
              return;
            }
            for (int i = 0; i < 1000; i++) {
              meters.answered(ENDPOINT, Source.UPSTREAM, "m" + i, Tokens.of(1, 1));
            }
          });
    }
    go.countDown();
    crowd.shutdown();
    assertThat(crowd.awaitTermination(20, TimeUnit.SECONDS)).isTrue();

    assertThat(models()).hasSize(17).contains("other");
    assertThat(models().stream().mapToDouble(this::prompt).sum()).isEqualTo(4000);
  }

  @Test
  void withoutPricesThereIsNoCost() {
    meters(2, NONE, "a").answered(ENDPOINT, Source.UPSTREAM, "a", Tokens.of(1, 1));
    assertThat(registry.scrape()).doesNotContain("refrain_cost");
  }

  @Test
  void theFirstPriceThatMatchesCountsByTheMillionAndNoneIsNone() {
    TokenMeters meters = meters(3, PRICES, "cheap", "costly", "free");
    meters.answered(ENDPOINT, Source.UPSTREAM, "cheap", Tokens.of(1_000_000, 500_000));
    meters.answered(ENDPOINT, Source.REDIS, "costly", Tokens.of(100_000, 50_000));
    meters.answered(ENDPOINT, Source.UPSTREAM, "free", Tokens.of(1_000_000, 1_000_000));

    assertThat(cost("EUR", "cheap", "upstream")).isEqualTo(2);
    assertThat(cost("EUR", "costly", "redis")).isEqualTo(2);
    assertThat(cost("EUR", "costly", "upstream")).isZero();
    assertThat(cost("EUR", "free", "upstream")).as("no series").isNaN();
  }

  @Test
  void whoSharesALabelIsStillPaidByItsOwnPrice() {
    TokenMeters meters = meters(0, PRICES);
    meters.answered(ENDPOINT, Source.UPSTREAM, "cheap", Tokens.of(1_000_000, 0));
    meters.answered(ENDPOINT, Source.UPSTREAM, "costly", Tokens.of(1_000_000, 0));
    meters.answered(ENDPOINT, Source.UPSTREAM, "free", Tokens.of(1_000_000, 0));
    assertThat(cost("EUR", "other", "upstream")).isEqualTo(11);
  }

  @Test
  void newPricesCountFromNowOnInACurrencyOfTheirOwn() {
    TokenMeters meters = meters(2, PRICES, "cheap");
    meters.answered(ENDPOINT, Source.UPSTREAM, "cheap", Tokens.of(1_000_000, 0));
    meters.adopt(new MeterSettings(2, "USD", List.of(new Price("*", 5, 5))), List.of());
    meters.answered(ENDPOINT, Source.UPSTREAM, "cheap", Tokens.of(1_000_000, 0));
    meters.answered(ENDPOINT, Source.UPSTREAM, "new", Tokens.of(1_000_000, 0));

    assertThat(cost("EUR", "cheap", "upstream")).isEqualTo(1);
    assertThat(cost("USD", "cheap", "upstream")).isEqualTo(5);
    assertThat(cost("USD", "new", "upstream")).isEqualTo(5);

    meters.adopt(settings(2, NONE), List.of());
    meters.answered(ENDPOINT, Source.UPSTREAM, "cheap", Tokens.of(1_000_000, 0));
    assertThat(cost("USD", "cheap", "upstream")).isEqualTo(5);
  }

  @Test
  void anotherLimitHoldsFromNowOnAndWhoHasALabelKeepsIt() {
    TokenMeters meters = meters(1, NONE, "a");
    meters.adopt(settings(2, NONE), List.of("b"));
    assertThat(models()).containsExactly("a", "b", "other");

    meters.adopt(settings(0, NONE), List.of());
    meters.answered(ENDPOINT, Source.UPSTREAM, "a", Tokens.of(1, 1));
    meters.answered(ENDPOINT, Source.UPSTREAM, "c", Tokens.of(1, 1));
    assertThat(prompt("a")).isEqualTo(1);
    assertThat(prompt("other")).isEqualTo(1);
  }

  private TokenMeters meters(int most, List<Price> prices, String... served) {
    return new TokenMeters(registry, settings(most, prices), List.of(served), List.of(ENDPOINT));
  }

  private static MeterSettings settings(int most, List<Price> prices) {
    return new MeterSettings(most, "EUR", prices);
  }

  private Set<String> models() {
    Set<String> models = new TreeSet<>();
    for (String series : Page.of(registry).series().keySet()) {
      MODEL.matcher(series).results().map(match -> match.group(1)).forEach(models::add);
    }
    return models;
  }

  private double prompt(String model) {
    return Page.of(registry).series().entrySet().stream()
        .filter(
            series ->
                series
                    .getKey()
                    .startsWith("refrain_tokens_total{endpoint=\"chat\",model=\"" + model + "\""))
        .filter(series -> series.getKey().contains("prompt"))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private double cost(String currency, String model, String source) {
    String labels =
        "currency=\"%s\",endpoint=\"chat\",model=\"%s\",source=\"%s\""
            .formatted(currency, model, source);
    return Page.of(registry).value("refrain_cost_total{" + labels + "}");
  }
}
