package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.refrain.deploy.MonitoringRules.DashboardRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** {@code k8s/monitoring} asks for what a real scrape has, and would be caught if it did not. */
class MonitoringTest {
  private static final Path FOLDER = Path.of("k8s", "monitoring");
  private static final int RULE = 0;
  private static final int DASHBOARD = 1;

  /** What may be said otherwise: words for people, colours, and how things are drawn. */
  private static final Predicate<String> FREE =
      Stream.of(
              "~ .*/(summary|title|description|legendFormat|label|text|value|unit)",
              "~ .*/(fieldConfig|options|current)/.*",
              "- .*/(targets|calcs|tags|list|links)/\\d+",
              "~ /(uid|timezone|refresh|tags/0|time/from|time/to)",
              "~ .*/templating/list/\\d+/.*")
          .map(said -> (Predicate<String>) text -> text.matches(said))
          .reduce(Predicate::or)
          .orElseThrow();

  private static final Pattern PANEL = Pattern.compile("/panels/(\\d+)");

  private static List<Rule> rules;
  private static List<DashboardRule> dashboardRules;

  @BeforeAll
  static void scrape() {
    Scraped scraped = Scraped.now();
    rules = MonitoringRules.all(scraped);
    dashboardRules = MonitoringRules.ofDashboard(scraped);
  }

  @TestFactory
  Stream<DynamicTest> everyRuleHolds() {
    Rollout monitoring = monitoring(manifests());
    return rules.stream().map(rule -> dynamicTest(rule.sentence(), () -> rule.holds(monitoring)));
  }

  @Test
  void everyAlertIsPlayedAsItFiresAndAsItDoesNot() {
    String played = Docs.read("loadtest/monitoring.d/alerts.yaml");
    for (String alert : MonitoringRules.alertNames(monitoring(manifests()))) {
      assertThat(played)
          .contains("{eval_time: 26h, alertname: " + alert + "}")
          .containsPattern("(?m)^        alertname: " + alert + "\n        exp_alerts:\n");
    }
  }

  @Test
  void nothingOfTheRulesIsDeletedMisspeltOrChangedUnnoticed() {
    List<ObjectNode> manifests = manifests();
    Rollout intact = intact(manifests);
    List<String> unnoticed = new ArrayList<>();
    List<Mutation> mutations = Mutation.all(manifests.get(RULE));
    for (Mutation mutation : mutations) {
      if (!FREE.test(mutation.said())
          && isAccepted(intact, RULE, mutation.of(manifests.get(RULE)))) {
        unnoticed.add(mutation.said());
      }
    }
    assertThat(unnoticed).isEmpty();
    assertThat(mutations).hasSizeGreaterThan(400);
  }

  @Test
  void nothingOfTheDashboardIsDeletedMisspeltOrAskedOtherwiseUnnoticed() throws IOException {
    List<ObjectNode> manifests = manifests();
    intact(manifests);
    ObjectNode tree = (ObjectNode) new YAMLMapper().readTree(json(manifests.get(DASHBOARD)));
    Dashboard dashboard = Dashboard.read(tree.toString());
    List<String> unnoticed = new ArrayList<>();
    List<Mutation> mutations = Mutation.all(tree);
    for (Mutation mutation : mutations) {
      if (!FREE.test(mutation.said()) && isAccepted(dashboard, tree, mutation)) {
        unnoticed.add(mutation.said());
      }
    }
    assertThat(unnoticed).isEmpty();
    assertThat(mutations).hasSizeGreaterThan(2000);
  }

  @Test
  void nothingOfTheMapThatHoldsTheDashboardIsUnneeded() {
    List<ObjectNode> manifests = manifests();
    Rollout intact = intact(manifests);
    List<String> unnoticed = new ArrayList<>();
    for (Mutation mutation : Mutation.all(manifests.get(DASHBOARD))) {
      if (isAccepted(intact, DASHBOARD, mutation.of(manifests.get(DASHBOARD)))) {
        unnoticed.add(mutation.said());
      }
    }
    assertThat(unnoticed).isEmpty();
  }

  @Test
  void theRulesAreAFileForPrometheusItselfWhereTheyAreTakenOut() throws IOException {
    String manifest = Docs.read("k8s/monitoring/prometheus-rule.yaml");
    String plain =
        manifest
            .lines()
            .dropWhile(line -> !line.equals("spec:"))
            .filter(line -> !line.equals("spec:"))
            .map(line -> line.replaceFirst("^  ", ""))
            .collect(Collectors.joining("\n"));

    JsonNode rules = new YAMLMapper().readTree(plain);

    assertThat(rules).isEqualTo(new YAMLMapper().readTree(manifest).get("spec"));
    String command = "sed -n '/^spec:$/,$s/^  //p' k8s/monitoring/prometheus-rule.yaml";
    assertThat(Docs.DEPLOY).contains(command);
  }

  @Test
  void anExpressionThatPrometheusWouldRefuseIsRefused() {
    for (String wrong :
        List.of(
            "sum(rate(a[5m])",
            "sum by job (a)",
            "rate(a)",
            "a[5m]",
            "a{b}",
            "a{b=c}",
            "a{b~\"c\"}",
            "a + ",
            "1 2",
            "a b",
            "rate(a[5])",
            "histogram_quantile(0.95, sum(rate(a_bucket[5m])))",
            "histogram_quantile(95, sum by (le) (rate(a_bucket[5m])))",
            "sum bye (a) (b)",
            "a == 0x",
            "")) {
      assertThatThrownBy(() -> Promql.of(wrong)).as(wrong).isInstanceOf(AssertionError.class);
    }
  }

  @Test
  void anExpressionIsReadForWhatItAsks() {
    Promql read =
        Promql.of(
            "1 - sum by (a, le) (rate(m_total{x=\"y\",z=~\"p|q\"}[10m] offset 1d)) / n > 0.5");

    assertThat(read.selectors())
        .containsExactly(
            new Promql.Selector(
                "m_total",
                List.of(new Promql.Label("x", "=", "y"), new Promql.Label("z", "=~", "p|q")),
                "10m",
                "rate"),
            new Promql.Selector("n", List.of(), "", ""));
    assertThat(read.groupings()).hasSize(1);
    assertThat(read.groupings().get(0).labels()).containsExactlyInAnyOrder("a", "le");
    assertThat(read.groupings().get(0).selectors()).hasSize(1);
  }

  /** Where a rule fails anyway, every mutation would seem to be noticed. */
  private static Rollout intact(List<ObjectNode> manifests) {
    Rollout monitoring = monitoring(manifests);
    rules.forEach(rule -> rule.holds(monitoring));
    return monitoring;
  }

  private static boolean isAccepted(Rollout intact, int place, ObjectNode mutant) {
    try {
      Rollout monitoring = intact.with(place, StrictModel.read(mutant));
      rules.forEach(rule -> rule.holds(monitoring));
      return true;
    } catch (AssertionError noticed) {
      return false;
    }
  }

  private static boolean isAccepted(Dashboard intact, ObjectNode tree, Mutation mutation) {
    try {
      Dashboard mutant = mutant(intact, tree, mutation);
      dashboardRules.forEach(rule -> rule.check().accept(mutant));
      return true;
    } catch (AssertionError | RuntimeException noticed) {
      return false;
    }
  }

  /** Reads only the panel that changed; most changes are in one. */
  private static Dashboard mutant(Dashboard intact, ObjectNode tree, Mutation mutation) {
    Matcher panel = PANEL.matcher(mutation.pointer());
    if (!panel.lookingAt()) {
      return Dashboard.read(mutation.of(tree).toString());
    }
    int place = Integer.parseInt(panel.group(1));
    ObjectNode section = (ObjectNode) tree.at(panel.group());
    return intact.with(place, mutation.within(panel.group()).of(section).toString());
  }

  private static List<ObjectNode> manifests() {
    return Kustomization.render(FOLDER);
  }

  private static Rollout monitoring(List<ObjectNode> manifests) {
    return new Rollout("monitoring", manifests.stream().map(StrictModel::read).toList());
  }

  private static String json(ObjectNode map) {
    return map.at("/data/refrain.json").asText();
  }
}
