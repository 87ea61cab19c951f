package dev.refrain.deploy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Metrics that the dashboard and the rules speak of before the program has them. */
final class Promised {
  private static final Map<String, String> LABELS =
      Map.ofEntries(
          Map.entry("refrain_cost_total", "source=upstream,memory,redis,flight model currency"),
          Map.entry("refrain_overhead_seconds_bucket", "source le"),
          Map.entry("refrain_not_kept_total", "reason"),
          Map.entry("refrain_flight_readers", ""),
          Map.entry("refrain_recordings", ""),
          Map.entry("refrain_recording_bytes", ""),
          Map.entry("refrain_redis_commands_total", "command outcome"),
          Map.entry("refrain_redis_up", ""),
          Map.entry("refrain_disconnects_total", "phase"),
          Map.entry("refrain_build_info", "version"));

  private Promised() {}

  /** Series as they will be; throws if none are promised. */
  static List<Map<String, String>> of(String metric) {
    String labels = LABELS.get(metric);
    if (labels == null) {
      throw new AssertionError(metric + ": no such metric");
    }
    List<Map<String, String>> series = new ArrayList<>();
    Map<String, String> one = new HashMap<>();
    for (String label : labels.split(" ")) {
      String[] values = label.replaceAll(".*=", "").split(",");
      one.put(label.replaceAll("=.*", ""), values[0]);
      for (String value : values) {
        series.add(Map.of(label.replaceAll("=.*", ""), value));
      }
    }
    series.add(one);
    return series;
  }
}
