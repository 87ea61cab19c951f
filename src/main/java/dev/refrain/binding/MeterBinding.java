package dev.refrain.binding;

import dev.refrain.config.Config;
import dev.refrain.config.MetricsConfig;
import dev.refrain.config.UpstreamConfig;
import dev.refrain.inference.Glob;
import dev.refrain.metrics.MeterSettings;
import dev.refrain.metrics.Prices;
import dev.refrain.metrics.Prices.Price;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Maps the configuration of metrics to the settings of {@code metrics}. Any thread. */
public record MeterBinding(Config config) {
  private static final Predicate<String> GLOB = model -> model.matches(".*[*?].*");

  public MeterSettings settings() {
    return new MeterSettings(config.metrics().models(), known(), prices());
  }

  private Prices prices() {
    MetricsConfig metrics = config.metrics();
    return new Prices(
        metrics.currency(), metrics.prices().stream().map(MeterBinding::price).toList());
  }

  private static Price price(MetricsConfig.Price price) {
    return new Price(new Glob(price.model())::matches, price.prompt(), price.completion());
  }

  /** The models named in the configuration; they have label values of their own from the start. */
  private List<String> known() {
    Stream<String> served = config.upstreams().stream().flatMap(MeterBinding::served);
    Stream<String> priced = config.metrics().prices().stream().map(MetricsConfig.Price::model);
    return Stream.concat(served, priced).filter(GLOB.negate()).distinct().toList();
  }

  private static Stream<String> served(UpstreamConfig upstream) {
    return Stream.concat(upstream.models().stream(), upstream.aliases().keySet().stream().sorted());
  }
}
