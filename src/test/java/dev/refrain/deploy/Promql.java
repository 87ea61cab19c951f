package dev.refrain.deploy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an expression of Prometheus asks for. The part of the language that {@code k8s/monitoring}
 * uses, and no more: anything else is an error, which names the place. Prometheus' own parser is
 * used by {@code loadtest/monitoring}. Source: Prometheus 2.42, "Querying".
 */
final class Promql {
  /**
   * Series by name and labels.
   *
   * @param range such as {@code 5m}, or empty for the latest sample
   * @param function the function it is the argument of, or empty
   */
  record Selector(String metric, List<Label> labels, String range, String function) {}

  /** A condition on a label. */
  record Label(String name, String operator, String value) {}

  /** Labels that samples are grouped by, and what is grouped. */
  record Grouping(Set<String> labels, List<Selector> selectors) {}

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(?<string>\"(?:[^\"\\\\]|\\\\.)*\")|(?<duration>\\d+[smhdwy](?![\\w.]))"
              + "|(?<number>\\d+(?:\\.\\d+)?(?![\\w.]))|(?<word>[A-Za-z_][\\w:]*)"
              + "|(?<sign>=~|!~|!=|==|>=|<=|[-+*/%^(){}\\[\\],=<>]))");

  /** What is read anew for each of many mutations is mostly the same. */
  private static final Map<String, Promql> READ = new ConcurrentHashMap<>();

  private static final Set<String> AGGREGATIONS = Set.of("sum", "min", "max", "avg", "count");
  private static final Set<String> OF_RANGES =
      Set.of("rate", "increase", "avg_over_time", "min_over_time", "max_over_time");
  private static final List<Set<String>> OPERATORS =
      List.of(
          Set.of("or"),
          Set.of("and", "unless"),
          Set.of("==", "!=", ">", "<", ">=", "<="),
          Set.of("+", "-"),
          Set.of("*", "/", "%"));

  private final String text;
  private final Matcher tokens;
  private final List<Selector> selectors = new ArrayList<>();
  private final List<Grouping> groupings = new ArrayList<>();
  private int place;
  private String kind;
  private String token;

  private Promql(String text) {
    this.text = text;
    this.tokens = TOKEN.matcher(text);
    advance();
    operation(0);
    expect("");
  }

  /** Reads an expression; throws what is wrong with it. */
  static Promql of(String text) {
    return READ.computeIfAbsent(text, Promql::new);
  }

  List<Selector> selectors() {
    return selectors;
  }

  List<Grouping> groupings() {
    return groupings;
  }

  private void advance() {
    kind = "end";
    token = "";
    if (text.substring(place).isBlank()) {
      return;
    }
    if (!tokens.region(place, text.length()).lookingAt()) {
      throw wrong("no word of the language");
    }
    place = tokens.end();
    for (String each : List.of("string", "duration", "number", "word", "sign")) {
      if (tokens.group(each) != null) {
        kind = each;
        token = tokens.group(each);
      }
    }
  }

  private AssertionError wrong(String what) {
    return new AssertionError(what + ": " + text.substring(0, place) + " >>> " + text);
  }

  private String take() {
    String taken = token;
    advance();
    return taken;
  }

  private boolean took(String wanted) {
    if (!token.equals(wanted) || kind.equals("string")) {
      return false;
    }
    advance();
    return true;
  }

  private void expect(String wanted) {
    if (!token.equals(wanted)) {
      throw wrong("'" + token + "' (expected: '" + wanted + "')");
    }
    advance();
  }

  private String expectKind(String wanted) {
    if (!kind.equals(wanted)) {
      throw wrong("'" + token + "' (expected: a " + wanted + ")");
    }
    return take();
  }

  private void operation(int level) {
    if (level == OPERATORS.size()) {
      operand();
      return;
    }
    operation(level + 1);
    while (OPERATORS.get(level).contains(token)) {
      advance();
      if (took("on") || took("ignoring")) {
        names();
        if (took("group_left")) {
          optionalNames();
        }
      }
      operation(level + 1);
    }
  }

  private void operand() {
    if (took("(")) {
      operation(0);
      expect(")");
    } else if (kind.equals("number")) {
      advance();
    } else {
      String word = expectKind("word");
      if (AGGREGATIONS.contains(word)) {
        aggregation();
      } else if (OF_RANGES.contains(word)) {
        expect("(");
        selector(expectKind("word"), word);
        expect(")");
      } else if (word.equals("histogram_quantile")) {
        quantile();
      } else {
        selector(word, "");
      }
    }
  }

  private void aggregation() {
    Optional<Set<String>> labels = took("by") ? Optional.of(names()) : Optional.empty();
    int before = selectors.size();
    expect("(");
    operation(0);
    expect(")");
    groupings.add(
        new Grouping(
            labels.orElse(Set.of()), List.copyOf(selectors.subList(before, selectors.size()))));
  }

  private void quantile() {
    expect("(");
    double quantile = Double.parseDouble(expectKind("number"));
    if (!(quantile > 0 && quantile < 1)) {
      throw wrong("no quantile");
    }
    expect(",");
    int before = selectors.size();
    operation(0);
    expect(")");
    Grouping grouping = groupings.get(groupings.size() - 1);
    Predicate<Selector> buckets = selector -> selector.metric().endsWith("_bucket");
    if (!grouping.labels().contains("le")
        || !selectors.subList(before, selectors.size()).stream().allMatch(buckets)) {
      throw wrong("no buckets by le");
    }
  }

  private void selector(String metric, String function) {
    List<Label> labels = took("{") ? labels() : List.of();
    String range = "";
    if (took("[")) {
      range = expectKind("duration");
      expect("]");
    }
    if (range.isEmpty() != function.isEmpty()) {
      throw wrong("a range without its function, or the reverse");
    }
    if (took("offset")) {
      expectKind("duration");
    }
    selectors.add(new Selector(metric, labels, range, function));
  }

  private List<Label> labels() {
    List<Label> labels = new ArrayList<>();
    while (!took("}")) {
      String name = expectKind("word");
      String operator = take();
      if (!Set.of("=", "!=", "=~", "!~").contains(operator)) {
        throw wrong("no condition");
      }
      String value = expectKind("string");
      labels.add(new Label(name, operator, value.substring(1, value.length() - 1)));
      if (!token.equals("}")) {
        expect(",");
      }
    }
    return labels;
  }

  private Set<String> names() {
    Set<String> names = new HashSet<>();
    expect("(");
    while (!took(")")) {
      names.add(expectKind("word"));
      if (!token.equals(")")) {
        expect(",");
      }
    }
    return names;
  }

  private void optionalNames() {
    if (token.equals("(")) {
      names();
    }
  }
}
