package dev.refrain.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.TreeMap;

/** A scrape taken apart: the value of every series, by its name and labels as written. */
record Page(Map<String, Double> series) {
  static Page of(PrometheusMeterRegistry registry) {
    Map<String, Double> series = new TreeMap<>();
    for (String line : registry.scrape().split("\n")) {
      if (!line.startsWith("#")) {
        int end = line.lastIndexOf(' ');
        series.put(line.substring(0, end), Double.valueOf(line.substring(end + 1)));
      }
    }
    return new Page(series);
  }

  /** The value, or NaN where there is no such series. */
  double value(String name) {
    return series.getOrDefault(name, Double.NaN);
  }
}
