package dev.refrain.management;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Current values of Refrain's own metrics. Names are Prometheus', without {@code _total}; labels
 * are names and values in turn. What is not there counts as 0, so that an optional part of the
 * program may be missing.
 *
 * <p>Reads gauges, so it must run on a thread that may read them.
 */
final class MetricReadings {
  private static final String PREFIX = "refrain_";
  private static final String STARTED = "process_start_time_seconds";

  private final Map<String, List<DataPointSnapshot>> series = new HashMap<>();

  private MetricReadings() {}

  /** One walk over what is registered, however much is read. */
  static MetricReadings of(PrometheusRegistry registry) {
    MetricReadings metricReadings = new MetricReadings();
    for (MetricSnapshot metric :
        registry.scrape(name -> name.startsWith(PREFIX) || name.equals(STARTED))) {
      metricReadings.series.put(name(metric), List.copyOf(metric.getDataPoints()));
    }
    return metricReadings;
  }

  private static String name(MetricSnapshot metric) {
    String name = metric.getMetadata().getPrometheusName();
    return metric instanceof InfoSnapshot ? name + "_info" : name;
  }

  /** When the process started, in seconds since 1970. */
  double started() {
    return sum(STARTED);
  }

  /** The sum over all series of this name that have these labels. */
  double sum(String name, String... labels) {
    return having(name, labels).stream().mapToDouble(MetricReadings::value).sum();
  }

  /** The sums by the values of a label, in their order. */
  Map<String, Double> by(String label, String name, String... labels) {
    return having(name, labels).stream()
        .collect(
            Collectors.groupingBy(
                point -> label(point, label),
                TreeMap::new,
                Collectors.summingDouble(MetricReadings::value)));
  }

  /** The values a label has. */
  List<String> values(String label, String name) {
    return having(name).stream().map(point -> label(point, label)).distinct().sorted().toList();
  }

  /** The histograms of this name by the values of a label, added up. */
  Map<String, Distribution> distributions(String label, String name) {
    return histograms(name, point -> label(point, label));
  }

  /** All histograms of this name, added up. */
  Distribution distribution(String name) {
    return histograms(name, point -> name).getOrDefault(name, Distribution.NONE);
  }

  private Map<String, Distribution> histograms(
      String name, Function<DataPointSnapshot, String> key) {
    Map<String, Distribution> sums = new HashMap<>();
    for (DataPointSnapshot point : having(name)) {
      if (point instanceof HistogramDataPointSnapshot histogram) {
        sums.merge(key.apply(point), Distribution.of(histogram), Distribution::plus);
      }
    }
    return sums;
  }

  private Collection<DataPointSnapshot> having(String name, String... labels) {
    return series.getOrDefault(name, List.of()).stream()
        .filter(point -> has(point, labels))
        .toList();
  }

  private static boolean has(DataPointSnapshot point, String... labels) {
    for (int i = 0; i < labels.length; i += 2) {
      if (!labels[i + 1].equals(point.getLabels().get(labels[i]))) {
        return false;
      }
    }
    return true;
  }

  private static String label(DataPointSnapshot point, String label) {
    String value = point.getLabels().get(label);
    return value == null ? "" : value;
  }

  private static double value(DataPointSnapshot point) {
    double value = 0;
    if (point instanceof CounterDataPointSnapshot counter) {
      value = counter.getValue();
    } else if (point instanceof GaugeDataPointSnapshot gauge) {
      value = gauge.getValue();
    }
    return Double.isFinite(value) ? value : 0;
  }

  /**
   * A histogram since the start.
   *
   * @param bounds upper ones, in seconds
   * @param counts up to each bound, and at the end all
   */
  record Distribution(List<Double> bounds, List<Long> counts) {
    static final Distribution NONE = new Distribution(List.of(), List.of(0L));

    static Distribution of(HistogramDataPointSnapshot histogram) {
      ClassicHistogramBuckets buckets = histogram.getClassicBuckets();
      List<Double> bounds = new ArrayList<>();
      List<Long> counts = new ArrayList<>();
      long all = 0;
      for (int i = 0; i < buckets.size(); i++) {
        all += buckets.getCount(i);
        counts.add(all);
        if (Double.isFinite(buckets.getUpperBound(i))) {
          bounds.add(buckets.getUpperBound(i));
        }
      }
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
