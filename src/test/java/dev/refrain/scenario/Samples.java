package dev.refrain.scenario;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Refrain's own samples of a scrape, but for buckets, sums and maxima, which are times. A sample is
 * called by its name without {@code refrain_} and {@code _total}, and the values of its labels in
 * the order of their names: {@code tokens{m,upstream,prompt}}.
 */
record Samples(Map<String, Double> values) {
  private static final Pattern LINE = Pattern.compile("refrain_(\\w+)(?:\\{(.*)})? (\\S+)");
  private static final Pattern OF_TIME =
      Pattern.compile(".*_(bucket|sum|max|created)|.*_lag_seconds");

  static Samples of(String page) {
    Map<String, Double> values = new TreeMap<>();
    for (String line : page.split("\n")) {
      Matcher sample = LINE.matcher(line);
      if (sample.matches() && !OF_TIME.matcher(sample.group(1)).matches()) {
        values.put(name(sample), Double.valueOf(sample.group(3)));
      }
    }
    return new Samples(values);
  }

  private static String name(Matcher sample) {
    String name = sample.group(1).replaceFirst("_total$", "");
    return sample.group(2) == null
        ? name
        : name + "{" + sample.group(2).replaceAll("\\w+=\"([^\"]*)\"", "$1") + "}";
  }

  /** What tables say together: a name and a number in each line. */
  static Samples table(String... tables) {
    Map<String, Double> values = new TreeMap<>();
    for (String line : String.join("\n", tables).split("\n+")) {
      int end = line.lastIndexOf(' ');
      values.merge(line.substring(0, end), Double.valueOf(line.substring(end + 1)), Double::sum);
    }
    values.values().removeIf(value -> value == 0);
    return new Samples(values);
  }

  /** What has changed, by how much. Histograms' counts aside. */
  Samples since(Samples before) {
    Map<String, Double> changes = new TreeMap<>();
    values.forEach((name, value) -> changes.put(name, value - before.value(name)));
    changes.entrySet().removeIf(one -> one.getValue() == 0 || one.getKey().contains("_count"));
    return new Samples(changes);
  }

  Samples without(List<String> names) {
    Map<String, Double> rest = new TreeMap<>(values);
    rest.keySet().removeAll(names);
    return new Samples(rest);
  }

  /** The value; a series that is not there has counted nothing. */
  double value(String name) {
    return values.getOrDefault(name, 0.0);
  }

  /** The sums of the samples whose names match, by the group; but for those that are 0. */
  Map<String, Double> by(String pattern) {
    Pattern names = Pattern.compile(pattern.replace("{", "\\{"));
    Map<String, Double> sums = new TreeMap<>();
    values.forEach(
        (name, value) -> {
          Matcher match = names.matcher(name);
          if (match.matches() && value != 0) {
            sums.merge(match.group(1), value, Double::sum);
          }
        });
    return sums;
  }
}
