package dev.refrain.deploy;

import static org.awaitility.Awaitility.await;

import dev.refrain.deploy.Promql.Grouping;
import dev.refrain.deploy.Promql.Label;
import dev.refrain.deploy.Promql.Selector;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What Prometheus is told by a running proxy that has all its parts. */
final class Scraped {
  /** Labels that Prometheus itself puts on what it scrapes. */
  private static final Set<String> OF_TARGETS = Set.of("job", "instance");

  private static final String PARTS =
      """
      cache: {redis: {url: "%s"}}
      keys: [{name: search, secret: %s, budget: {day: 1}}]
      metrics: {prices: [{model: "*", prompt: 1, completion: 2}]}
      """;

  private static final String SECRET = "secret-of-the-search";

  private static final Pattern SERIES = Pattern.compile("(?m)^(\\w+)(?:\\{(.*)})? \\S+$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\w+) (\\w+)$");

  private final Map<String, List<Map<String, String>>> series = new HashMap<>();
  private final Map<String, String> types = new HashMap<>();

  private Scraped(String page) {
    for (MatchResult type : TYPE.matcher(page).results().toList()) {
      types.put(type.group(1), type.group(2));
    }
    for (MatchResult line : SERIES.matcher(page).results().toList()) {
      Map<String, String> labels = new HashMap<>();
      if (line.group(2) != null) {
        LABEL.matcher(line.group(2)).results().forEach(l -> labels.put(l.group(1), l.group(2)));
      }
      series.computeIfAbsent(line.group(1), name -> new ArrayList<>()).add(labels);
    }
    series.put("up", List.of(Map.of()));
  }

  /** Starts one with Redis, asks it something, and reads its metrics. */
  static Scraped now() {
    try (RedisFixture redis = new RedisFixture();
        ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
        Proxy proxy = Proxy.before(upstream.url(), "", PARTS.formatted(redis.url(), SECRET))) {
      proxy.post(Examples.REQUEST, "api-key", SECRET);
      proxy.post(Examples.streaming("x"), "api-key", SECRET);
      // Pauses of the collector have no series before there was one, and it tells of them later.
      System.gc();
      await().until(() -> proxy.manage("/metrics").body().contains("jvm_gc_pause_seconds_sum"));
      return new Scraped(proxy.manage("/metrics").body());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Throws if a selector selects nothing, or a grouping is by a label that is not there. */
  void knows(Promql expression, Recorded recorded) {
    expression.selectors().forEach(selector -> knows(selector, recorded));
    expression.groupings().forEach(grouping -> knows(grouping, recorded));
  }

  private void knows(Selector selector, Recorded recorded) {
    if (recorded.has(selector.metric())) {
      require(selector.labels().isEmpty(), "labels of what is recorded", selector);
      return;
    }
    List<Map<String, String>> all = of(selector.metric());
    for (Label label : selector.labels()) {
      require(
          isThere(label, all), "no series with " + label.name() + "=" + label.value(), selector);
    }
    boolean rises = Set.of("rate", "increase").contains(selector.function());
    require(!rises || isCounter(selector.metric()), "falls as well as rises", selector);
    require(rises || !isCounter(selector.metric()), "is of use as a rate alone", selector);
  }

  // A value that nothing has is an error where it is excluded, too: it would exclude nothing.
  private static boolean isThere(Label label, List<Map<String, String>> all) {
    if (OF_TARGETS.contains(label.name())) {
      return true;
    }
    if (label.value().equals(".*")) {
      return all.stream().anyMatch(each -> each.containsKey(label.name()));
    }
    return List.of(label.value().split("\\|")).stream()
        .allMatch(value -> all.stream().anyMatch(each -> value.equals(each.get(label.name()))));
  }

  private boolean isCounter(String metric) {
    String family = metric.replaceAll("_(count|sum)$", "");
    return metric.matches("\\w+_(total|bucket)")
        || !family.equals(metric) && Set.of("histogram", "summary").contains(types.get(family));
  }

  private void knows(Grouping grouping, Recorded recorded) {
    for (Selector selector : grouping.selectors()) {
      for (String label : grouping.labels()) {
        boolean there =
            OF_TARGETS.contains(label)
                || recorded.has(selector.metric())
                || of(selector.metric()).stream().anyMatch(each -> each.containsKey(label));
        require(there, "no label " + label, selector);
      }
    }
  }

  private List<Map<String, String>> of(String metric) {
    List<Map<String, String>> found = series.get(metric);
    if (found == null) {
      throw new AssertionError(metric + ": no such metric");
    }
    return found;
  }

  private static void require(boolean holds, String otherwise, Selector selector) {
    if (!holds) {
      throw new AssertionError(selector.metric() + ": " + otherwise);
    }
  }

  /** The names that recording rules make. */
  @FunctionalInterface
  interface Recorded {
    boolean has(String name);
  }
}
