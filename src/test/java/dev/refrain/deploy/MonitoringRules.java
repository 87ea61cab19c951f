package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.deploy.Dashboard.Asking;
import dev.refrain.deploy.Dashboard.Panel;
import dev.refrain.deploy.Dashboard.Place;
import dev.refrain.deploy.Dashboard.Query;
import dev.refrain.deploy.Dashboard.Target;
import dev.refrain.deploy.Dashboard.Variable;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.RuleGroup;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What {@code k8s/monitoring} asks is what the program tells, and what it says can be read up. */
final class MonitoringRules {
  static final String DASHBOARD = "refrain-dashboard";

  private static final String RUNBOOK = Docs.read("docs/guide/runbook.md");
  private static final String RUNBOOK_URL = "https://example.com/refrain/docs/guide/runbook.md#";
  private static final Pattern HEADING = Pattern.compile("(?m)^### (Refrain\\w+)$");
  private static final Pattern RECORDED =
      Pattern.compile("(?m)^\\| `(\\w+:refrain_\\w+:\\w+)` \\|");
  private static final Pattern RECORD =
      Pattern.compile("(\\w+):refrain_\\w+:(?:p\\d\\d_)?(?:ratio_)?rate(\\d+[mh])");
  private static final Pattern LABEL = Pattern.compile("\\{\\{ ?(\\$labels\\.)?(\\w+) ?}}");
  private static final int WIDTH = 24;

  /** What the reader may choose beside job and replica, and the metrics that have that label. */
  private static final Map<String, Set<String>> CHOSEN =
      Map.of(
          "model", Set.of("refrain_tokens_total", "refrain_cost_total"),
          "endpoint",
              Set.of(
                  "refrain_requests_total",
                  "refrain_tokens_total",
                  "refrain_cost_total",
                  "refrain_cache_lookups_total",
                  "refrain_bypass_total",
                  "refrain_collapsed_total",
                  "refrain_upstream_calls_total"),
          "key",
              Set.of(
                  "refrain_key_requests_total",
                  "refrain_key_cost_total",
                  "refrain_key_budget",
                  "refrain_key_budget_spent",
                  "refrain_key_budget_remaining",
                  "refrain_key_tokens_total",
                  "refrain_key_refusals_total"));

  private final Scraped scraped;

  private MonitoringRules(Scraped scraped) {
    this.scraped = scraped;
  }

  /** A rule that reads nothing but the dashboard. */
  record DashboardRule(String sentence, Consumer<Dashboard> check) {
    private Rule rule() {
      return new Rule(sentence, monitoring -> check.accept(dashboard(monitoring)));
    }
  }

  static List<Rule> all(Scraped scraped) {
    MonitoringRules rules = new MonitoringRules(scraped);
    List<Rule> all = new ArrayList<>();
    all.add(
        new Rule("everything is where the operator and the sidecar look", MonitoringRules::place));
    all.add(new Rule("every expression asks for what is scraped or recorded", rules::expressions));
    all.add(new Rule("a recording is called after what it is", MonitoringRules::records));
    all.add(
        new Rule(
            "an alert says what is wrong, and docs/guide/runbook.md what to do", rules::alerts));
    // The longest last: most mutations are noticed before.
    ofDashboard(scraped).forEach(rule -> all.add(rule.rule()));
    return all;
  }

  /** Those of {@link #all} that read the text of the dashboard. */
  static List<DashboardRule> ofDashboard(Scraped scraped) {
    MonitoringRules rules = new MonitoringRules(scraped);
    return List.of(
        new DashboardRule("every panel asks for what is scraped", rules::panels),
        new DashboardRule("the panels lie beside each other", MonitoringRules::layout),
        new DashboardRule("what the reader chooses is asked for", rules::variables));
  }

  private static void place(Rollout monitoring) {
    assertThat(monitoring.objects())
        .hasSize(2)
        .allSatisfy(
            object -> assertThat(object.getMetadata().getNamespace()).isEqualTo("monitoring"));
    assertThat(monitoring.the(ConfigMap.class, DASHBOARD).getMetadata().getLabels())
        .isEqualTo(Map.of("grafana_dashboard", "1"));
    assertThat(monitoring.the(ConfigMap.class, DASHBOARD).getData())
        .containsOnlyKeys("refrain.json");
    assertThat(groups(monitoring))
        .extracting(RuleGroup::getName)
        .containsExactly(
            "refrain.recording",
            "refrain.availability",
            "refrain.latency",
            "refrain.upstreams",
            "refrain.cache");
  }

  private static List<RuleGroup> groups(Rollout monitoring) {
    return monitoring.the(PrometheusRule.class, Rollout.NAME).getSpec().getGroups();
  }

  private static List<Entry> entries(Rollout monitoring, Predicate<Entry> wanted) {
    return groups(monitoring).stream()
        .flatMap(group -> group.getRules().stream())
        .map(Entry::new)
        .filter(wanted)
        .toList();
  }

  static List<String> alertNames(Rollout monitoring) {
    return entries(monitoring, Entry::isAlert).stream().map(each -> each.rule.getAlert()).toList();
  }

  private static Set<String> recorded(Rollout monitoring) {
    return entries(monitoring, Entry::isRecord).stream()
        .map(Entry::record)
        .collect(Collectors.toSet());
  }

  private void expressions(Rollout monitoring) {
    Set<String> recorded = recorded(monitoring);
    for (Entry entry : entries(monitoring, any -> true)) {
      assertThat(entry.isRecord()).isNotEqualTo(entry.isAlert());
      scraped.knows(Promql.of(entry.expression()), recorded::contains);
    }
  }

  private static void records(Rollout monitoring) {
    List<Entry> records = entries(monitoring, Entry::isRecord);
    for (Entry entry : records) {
      Matcher name = RECORD.matcher(entry.record());
      assertThat(name.matches()).as(entry.record()).isTrue();
      Promql expression = Promql.of(entry.expression());
      assertThat(expression.selectors())
          .allMatch(selector -> selector.range().equals(name.group(2)));
      Set<String> level = Set.of(name.group(1).split("_"));
      for (Promql.Grouping grouping : expression.groupings()) {
        Set<String> labels = new HashSet<>(grouping.labels());
        labels.remove("le");
        assertThat(labels).as(entry.record()).isEqualTo(level);
      }
    }
    assertThat(records).extracting(Entry::record).doesNotHaveDuplicates();
    assertThat(recorded(monitoring)).isEqualTo(all(RECORDED, RUNBOOK));
  }

  private void alerts(Rollout monitoring) {
    List<Entry> alerts = entries(monitoring, Entry::isAlert);
    for (Entry entry : alerts) {
      assertThat(entry.patience()).as(entry.alert()).matches("\\d+[mh]");
      assertThat(entry.labels()).containsOnlyKeys("severity");
      assertThat(entry.labels().get("severity")).isIn("critical", "warning", "info");
      assertThat(entry.annotations()).containsOnlyKeys("summary", "description", "runbook_url");
      assertThat(entry.annotations().get("summary")).matches("[A-Z][^.]{10,}");
      assertThat(entry.annotations().get("description")).matches("[^\\n]{10,}\\.");
      assertThat(entry.annotations().get("runbook_url"))
          .isEqualTo(RUNBOOK_URL + entry.alert().toLowerCase(Locale.ROOT));
      assertThat(entry.labelsShown()).as(entry.alert()).isSubsetOf(entry.labelsLeft());
    }
    assertThat(alerts.stream().map(Entry::alert)).doesNotHaveDuplicates();
    assertThat(alerts.stream().map(Entry::alert).collect(Collectors.toSet()))
        .isEqualTo(all(HEADING, RUNBOOK));
  }

  private static Dashboard dashboard(Rollout monitoring) {
    return Dashboard.read(monitoring.the(ConfigMap.class, DASHBOARD).getData().get("refrain.json"));
  }

  private void panels(Dashboard dashboard) {
    assertThat(dashboard.asking()).hasSizeGreaterThan(30);
    assertThat(dashboard.panels()).extracting(Panel::id).doesNotHaveDuplicates();
    for (Asking panel : dashboard.asking()) {
      assertThat(panel.datasource())
          .isEqualTo(new Dashboard.Datasource("prometheus", "${datasource}"));
      assertThat(panel.description()).matches("(?s).{5,}\\.");
      assertThat(panel.targets()).as(panel.title()).isNotEmpty();
      String refs = panel.targets().stream().map(Target::refId).collect(Collectors.joining());
      assertThat("ABCDEFG").startsWith(refs);
      for (Target target : panel.targets()) {
        assertThat(target.range()).isTrue();
        Promql expression = Promql.of(Dashboard.asked(target.expr()));
        scraped.knows(expression, name -> false);
        // Who chose a job or a replica shall see no other's.
        assertThat(expression.selectors())
            .allSatisfy(
                selector ->
                    assertThat(selector.labels())
                        .extracting(Promql.Label::name)
                        .startsWith("job", "instance")
                        .containsAll(chosen(selector.metric())));
        assertThat(legend(target)).as(target.expr()).isSubsetOf(left(expression));
      }
    }
  }

  /** The further variables by which a metric is to be asked for. */
  private static List<String> chosen(String metric) {
    return CHOSEN.keySet().stream().filter(each -> CHOSEN.get(each).contains(metric)).toList();
  }

  private static Set<String> legend(Target target) {
    Set<String> labels = new TreeSet<>();
    LABEL.matcher(target.legendFormat()).results().forEach(label -> labels.add(label.group(2)));
    return labels;
  }

  /** Labels that a result may have. */
  private static Set<String> left(Promql expression) {
    Set<String> left = new TreeSet<>();
    if (expression.groupings().isEmpty()) {
      left.addAll(List.of("job", "instance"));
    }
    expression.groupings().forEach(grouping -> left.addAll(grouping.labels()));
    return left;
  }

  private static void layout(Dashboard dashboard) {
    List<Place> places = new ArrayList<>();
    dashboard.panels().forEach(panel -> places.add(panel.gridPos()));
    boolean[][] taken = new boolean[1000][WIDTH];
    int area = 0;
    int height = 0;
    for (Place place : places) {
      for (int y = place.y(); y < place.y() + place.h(); y++) {
        for (int x = place.x(); x < place.x() + place.w(); x++) {
          assertThat(taken[y][x]).as("%d, %d is taken once", x, y).isFalse();
          taken[y][x] = true;
          area++;
        }
      }
      height = Math.max(height, place.y() + place.h());
    }
    assertThat(area).isEqualTo(WIDTH * height);
  }

  private void variables(Dashboard dashboard) {
    List<Variable> variables = dashboard.templating().list();
    assertThat(variables)
        .extracting(Variable::name)
        .containsExactly("datasource", "job", "instance", "model", "endpoint", "key");
    assertThat(((Dashboard.Source) variables.get(0)).query()).isEqualTo("prometheus");
    for (Variable variable : variables.subList(1, variables.size())) {
      Query query = (Query) variable;
      assertThat(query.definition()).isEqualTo(query.query().query());
      assertThat(query.query().refId()).isEqualTo(query.name());
      assertThat(query.datasource().uid()).isEqualTo("${datasource}");
      assertThat(query.datasource().type()).isEqualTo("prometheus");
      assertThat(query.allValue()).isEqualTo(".*");
      MatchResult asked =
          Pattern.compile("label_values\\((refrain_\\w+_total(?:\\{.*})?), " + query.name() + "\\)")
              .matcher(query.definition())
              .results()
              .findFirst()
              .orElseThrow(() -> new AssertionError(query.definition()));
      if (CHOSEN.containsKey(query.name())) {
        assertThat(CHOSEN.get(query.name())).contains(asked.group(1).replaceAll("\\{.*", ""));
      }
      Promql values = Promql.of(Dashboard.asked("sum(rate(" + asked.group(1) + "[5m]))"));
      scraped.knows(values, name -> false);
    }
  }

  private static Set<String> all(Pattern pattern, String text) {
    Set<String> found = new TreeSet<>();
    pattern.matcher(text).results().forEach(match -> found.add(match.group(1)));
    return found;
  }

  /** A rule of Prometheus, which has the name that ours has here. */
  private record Entry(io.fabric8.openshift.api.model.monitoring.v1.Rule rule) {
    boolean isRecord() {
      return rule.getRecord() != null;
    }

    boolean isAlert() {
      return rule.getAlert() != null;
    }

    String record() {
      return rule.getRecord();
    }

    String alert() {
      return rule.getAlert();
    }

    String expression() {
      return rule.getExpr().getStrVal();
    }

    String patience() {
      return rule.getFor();
    }

    Map<String, String> labels() {
      return rule.getLabels();
    }

    Map<String, String> annotations() {
      return rule.getAnnotations();
    }

    Set<String> labelsShown() {
      Set<String> shown = new TreeSet<>();
      Matcher labels =
          Pattern.compile("\\$labels\\.(\\w+)").matcher(String.join(" ", annotations().values()));
      labels.results().forEach(label -> shown.add(label.group(1)));
      return shown;
    }

    Set<String> labelsLeft() {
      return left(Promql.of(expression()));
    }
  }
}
