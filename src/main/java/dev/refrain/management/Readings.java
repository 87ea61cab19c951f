package dev.refrain.management;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a registry says when it is asked. Names are Micrometer's, as in {@code refrain.requests};
 * labels are names and values in turn. What is not there counts as 0, so that an optional part of
 * the program may be missing.
 *
 * <p>Asks gauges, so it belongs on the threads that they may be asked from.
 */
final class Readings {
  private final Map<String, List<Meter>> meters;

  private Readings(Map<String, List<Meter>> meters) {
    this.meters = meters;
  }

  /** One walk over the registry, however much is read. */
  static Readings of(MeterRegistry registry) {
    return new Readings(
        registry.getMeters().stream().collect(Collectors.groupingBy(m -> m.getId().getName())));
  }

  /** The sum over all series of this name that have these labels. */
  double sum(String name, String... labels) {
    return named(name).stream().filter(meter -> has(meter, labels)).mapToDouble(this::value).sum();
  }

  /** The sums by the values of a label, in their order. */
  Map<String, Double> by(String label, String name, String... labels) {
    return named(name).stream()
        .filter(meter -> has(meter, labels))
        .collect(
            Collectors.groupingBy(
                meter -> label(meter, label), TreeMap::new, Collectors.summingDouble(this::value)));
  }

  /** The values a label has. */
  List<String> values(String label, String name) {
    return named(name).stream().map(meter -> label(meter, label)).distinct().sorted().toList();
  }

  /** The histograms of this name by the values of a label, added up. */
  Map<String, Distribution> distributions(String label, String name) {
    return timers(name, timer -> label(timer, label));
  }

  /** All histograms of this name, added up. */
  Distribution distribution(String name) {
    return timers(name, timer -> name).getOrDefault(name, Distribution.NONE);
  }

  private Map<String, Distribution> timers(String name, Function<Timer, String> key) {
    Map<String, Distribution> sums = new HashMap<>();
    for (Meter meter : named(name)) {
      if (meter instanceof Timer timer) {
        sums.merge(key.apply(timer), Distribution.of(timer), Distribution::plus);
      }
    }
    return sums;
  }

  private List<Meter> named(String name) {
    return meters.getOrDefault(name, List.of());
  }

  // The first measurement is the one: the count of a counter or timer, the value of a gauge.
  private double value(Meter meter) {
    double value = meter.measure().iterator().next().getValue();
    return Double.isFinite(value) ? value : 0;
  }

  private static boolean has(Meter meter, String... labels) {
    for (int i = 0; i < labels.length; i += 2) {
      if (!labels[i + 1].equals(meter.getId().getTag(labels[i]))) {
        return false;
      }
    }
    return true;
  }

  private static String label(Meter meter, String label) {
    String value = meter.getId().getTag(label);
    return value == null ? "" : value;
  }

  /**
   * A histogram since the start.
   *
   * @param bounds upper ones, in seconds
   * @param counts up to each bound, and at the end all
   */
  record Distribution(List<Double> bounds, List<Long> counts) {
    static final Distribution NONE = new Distribution(List.of(), List.of(0L));

    static Distribution of(Timer timer) {
      HistogramSnapshot snapshot = timer.takeSnapshot();
      List<Double> bounds = new ArrayList<>();
      List<Long> counts = new ArrayList<>();
      for (CountAtBucket bucket : snapshot.histogramCounts()) {
        bounds.add(bucket.bucket(TimeUnit.SECONDS));
        counts.add((long) bucket.count());
      }
      counts.add(snapshot.count());
      return new Distribution(bounds, counts);
    }

    private Distribution plus(Distribution other) {
      List<Long> sums = new ArrayList<>();
      for (int i = 0; i < counts.size(); i++) {
        sums.add(counts.get(i) + other.counts.get(i));
      }
      return new Distribution(bounds, sums);
    }
  }
}
