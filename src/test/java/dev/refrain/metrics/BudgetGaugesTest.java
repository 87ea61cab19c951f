package dev.refrain.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetGaugesTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final BudgetGauges gauges = new BudgetGauges(registry);
  private double spent = 2;

  private BudgetGauges.Readings budget(String key, double budget) {
    return new BudgetGauges.Readings(key, "day", "EUR", budget, () -> spent);
  }

  @Test
  void aBudgetIsAsItWasLastSetAndIsGoneWithItsKey() {
    gauges.show(List.of(budget("a", 5), budget("b", 5)));
    gauges.show(List.of(budget("b", 3)));
    spent = 4;

    String labels = "{currency=\"EUR\",key=\"b\",period=\"day\"}";
    Page page = Page.of(registry);
    assertThat(page.series().keySet()).hasSize(3);
    assertThat(page.value("refrain_key_budget" + labels)).isEqualTo(3);
    assertThat(page.value("refrain_key_budget_spent" + labels)).isEqualTo(4);
    assertThat(page.value("refrain_key_budget_remaining" + labels)).isZero();
  }
}
