package dev.refrain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.refrain.inference.Observer;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.metrics.BudgetGauges;
import dev.refrain.metrics.ConfigMeters;
import dev.refrain.metrics.EventLoopLag;
import dev.refrain.metrics.Gauges;
import dev.refrain.metrics.KeyMeters;
import dev.refrain.metrics.MemoryMeters;
import dev.refrain.metrics.MeterSettings;
import dev.refrain.metrics.MeteredObserver;
import dev.refrain.metrics.RedisGauges;
import dev.refrain.metrics.Registry;
import dev.refrain.metrics.UpstreamGauges;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the documents to the code. */
class DocsTest {
  private static final Path CONFIGURE = Path.of("docs/guide/configure.md");
  private static final Path DECISIONS = Path.of("docs/internals/decisions");

  private static final Pattern PLACES =
      Pattern.compile("docs/README\\.md|docs/(?:guide|internals|reports)/.*");

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern FENCED = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");
  private static final Pattern INLINE = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern SETTING =
      Pattern.compile("(?m)^\\| `([a-z]\\w*(?:\\[\\])?(?:\\.\\w+)+)` \\| `([^`]*)` \\|");
  private static final Pattern DECISION_REFERENCE =
      Pattern.compile("docs/internals/decisions/(\\d{4})|\\b(0\\d{3}) \\(");

  @Test
  void everyRelativeLinkLeadsSomewhere() {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      for (String link : all(LINK, withoutCode(read(page)), 1)) {
        String target = link.replaceAll("#.*", "");
        boolean relative = !target.isEmpty() && !target.contains("://");
        if (relative && !Files.exists(page.toAbsolutePath().resolveSibling(target))) {
          broken.add(page + " -> " + link);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyPageHasAPlaceInTheGuideTheInternalsOrTheReports() {
    assertThat(files(Path.of("docs"), ".md"))
        .allSatisfy(page -> assertThat(page.toString()).matches(PLACES));
  }

  @Test
  void everySettingOfTheGuideStandsInTheReferenceWithThatDefault() throws IOException {
    JsonNode reference = new YAMLMapper().readTree(Path.of("conf/refrain.yaml").toFile());
    List<MatchResult> settings = SETTING.matcher(read(CONFIGURE)).results().toList();
    assertThat(settings).hasSizeGreaterThan(10);
    for (MatchResult setting : settings) {
      String pointer = "/" + setting.group(1).replace("[]", "/0").replace('.', '/');
      JsonNode value = reference.at(pointer);
      assertThat(value.isMissingNode()).as(setting.group(1)).isFalse();
      String written = setting.group(2).replace("\"\"", "");
      assertThat(value.isContainerNode() ? value.toString() : value.asText())
          .as(setting.group(1))
          .isEqualTo(written);
    }
  }

  @Test
  void everyVariableOfTheReadmeAndTheGuideIsOneTheProgramReads() {
    String launcher = read(Path.of("bin/refrain"));
    String reference = read(Path.of("conf/refrain.yaml"));
    for (String variable :
        all(Pattern.compile("REFRAIN_\\w+"), read(Path.of("README.md")) + read(CONFIGURE), 0)) {
      assertThat(launcher + reference).contains(variable);
    }
  }

  @Test
  void whatIsSaidOfLimitsAndReplicasNamesTheRedisThatTheyCountWith() {
    for (Path page : pages()) {
      for (String paragraph : read(page).split("\n\n|\n\\|")) {
        if (paragraph.matches("(?s).*(requestsPerMinute|tokensPerMinute).*([Rr]eplica|副本).*")) {
          assertThat(paragraph).as(page.toString()).contains("Redis");
        }
      }
    }
  }

  @Test
  void everyQueryForSavedTokensCountsCopiedChoices() {
    for (Path page : pages()) {
      for (String query : read(page).split("\n\n|```")) {
        if (query.contains("refrain_tokens_total{source!=\"upstream\"}")) {
          assertThat(query).as(page.toString()).contains("refrain_replicated_tokens_total");
        }
      }
    }
  }

  @Test
  void theIndexForMachinesNamesEveryPageOfTheGuideAndLeadsSomewhere() {
    Path index = Path.of("docs/llms.txt");
    Set<String> links = all(LINK, read(index), 1);
    for (String link : links) {
      assertThat(index.resolveSibling(link)).exists();
    }
    assertThat(read(index)).startsWith("# Refrain\n\n> ");
    for (Path page : files(Path.of("docs/guide"), ".md")) {
      assertThat(links).contains("guide/" + page.getFileName());
    }
  }

  @Test
  void everyFigureOfTheComparisonIsOneOfTheReport() {
    String report = read(Path.of("docs/reports/performance.md"));
    String table = read(Path.of("docs/reports/comparison.md"));
    Set<String> figures = all(Pattern.compile("\\d[\\d,.]*\\d"), table.split("What follows")[0], 0);
    assertThat(figures).hasSizeGreaterThan(20);
    assertThat(figures).allSatisfy(figure -> assertThat(report).contains(figure));
  }

  @Test
  void bothReadmesShowTheSameCode() {
    String english = read(Path.of("README.md"));
    String chinese = read(Path.of("README.zh-CN.md"));
    assertThat(blocks(chinese)).isEqualTo(blocks(english)).hasSizeGreaterThan(4);
    assertThat(inline(chinese)).isEqualTo(inline(english));
  }

  @Test
  void everyDecisionSomebodyRefersToIsWrittenDown() {
    Set<String> written = new TreeSet<>();
    decisions().forEach(page -> written.add(number(page)));
    Set<String> referred = new TreeSet<>();
    for (Path source : files(Path.of("src/main/java"), ".java")) {
      referred.addAll(referred(read(source)));
    }
    referred.addAll(referred(read(Path.of("pom.xml"))));
    assertThat(referred).isNotEmpty();
    assertThat(written).containsAll(referred);
  }

  @Test
  void theIndexNamesEveryDecision() {
    String index = read(DECISIONS.resolve("README.md"));
    assertThat(decisions()).isNotEmpty();
    for (Path page : decisions()) {
      assertThat(index).contains("[" + number(page) + "](" + page.getFileName() + ")");
    }
  }

  @Test
  void everyDecisionIsShortAndSaysWhatWasWeighed() {
    for (Path page : decisions()) {
      String text = read(page);
      assertThat(text.lines().count()).as(page.toString()).isLessThan(80);
      assertThat(text)
          .as(page.toString())
          .startsWith("# " + number(page))
          .containsSubsequence("## Context", "## Decision", "## Consequences", "## Alternatives");
    }
  }

  @Test
  void theCatalogueOfMetricsIsComplete() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    List<MeterSettings.Price> prices = List.of(new MeterSettings.Price("*", 1, 1));
    new MeteredObserver(
        registry,
        new MeterSettings(1, "USD", prices),
        List.of("m"),
        Api.ENDPOINTS.stream().map(each -> each.endpoint()).toList(),
        Observer.NONE);
    new Gauges(registry);
    new UpstreamGauges(registry)
        .bind(
            "u",
            new UpstreamGauges.Readings("u", () -> "closed", () -> 0, () -> 0, () -> 0, () -> 0));
    new EventLoopLag(registry);
    new ConfigMeters(registry, () -> true);
    new RedisGauges(registry).bind(() -> true, () -> "closed", () -> 0);
    Registry.registerBuildInfo(registry, "1");
    Registry.registerDroppedLogEvents(registry, () -> 0);
    new MemoryMeters(registry, MemoryBudget.unlimited());
    KeyMeters keys = new KeyMeters(registry);
    keys.bind("k", new KeyMeters.Readings(() -> 0, () -> 0, Map.of("requests", () -> 0)));
    keys.bindCost("k", "USD", () -> 0, () -> 0);
    new BudgetGauges(registry)
        .show(List.of(new BudgetGauges.Readings("k", "day", "USD", 1, () -> 0)));
    Set<String> registered =
        all(Pattern.compile("(?m)^# TYPE (refrain_\\w+)"), registry.scrape(), 1);
    registered.removeIf(name -> name.endsWith("_max")); // Micrometer adds one to each histogram
    Set<String> written =
        all(
            Pattern.compile("(?m)^\\| `(refrain_\\w+)`"),
            read(Path.of("docs/guide/metrics.md")),
            1);
    assertThat(written).isEqualTo(registered);
  }

  @Test
  void noPageHidesItsSubjectBehindAPronoun() {
    Pattern hidden = Pattern.compile("(?i)\\b(?:nobody|somebody|everybody|whoever|shall|heard)\\b");
    for (Path page : files(Path.of("docs"), ".md")) {
      assertThat(hidden.matcher(read(page)).results().map(MatchResult::group))
          .as(page.toString())
          .isEmpty();
    }
  }

  @Test
  void noPageNamesAPlaceOnSomebodysMachine() {
    for (Path page : pages()) {
      assertThat(read(page))
          .as(page.toString())
          .doesNotContainPattern("(?<![\\w.~-])/(root|home|Users|work|farm|tmp)/|[A-Z]:\\\\");
    }
  }

  private static Set<String> referred(String source) {
    Set<String> numbers = new TreeSet<>();
    for (MatchResult found : DECISION_REFERENCE.matcher(source).results().toList()) {
      numbers.add(found.group(1) == null ? found.group(2) : found.group(1));
    }
    return numbers;
  }

  /** Code without what is said beside it, which is in the language of the page. */
  private static List<String> blocks(String page) {
    return FENCED
        .matcher(page)
        .results()
        .map(block -> block.group(1) + "\n" + block.group(2).replaceAll("(?m)\\s+# .*$", ""))
        .toList();
  }

  private static Set<String> inline(String page) {
    return all(INLINE, FENCED.matcher(page).replaceAll(""), 1);
  }

  private static String withoutCode(String page) {
    return INLINE.matcher(FENCED.matcher(page).replaceAll("")).replaceAll("");
  }

  private static Set<String> all(Pattern pattern, String text, int group) {
    Set<String> found = new TreeSet<>();
    pattern.matcher(text).results().forEach(match -> found.add(match.group(group)));
    return found;
  }

  private static String number(Path decision) {
    return decision.getFileName().toString().substring(0, 4);
  }

  private static List<Path> decisions() {
    return files(DECISIONS, ".md").stream()
        .filter(page -> page.getFileName().toString().matches("\\d{4}-.*"))
        .toList();
  }

  private static List<Path> pages() {
    List<Path> pages = new ArrayList<>(files(Path.of(""), 1, ".md"));
    for (String folder : List.of("docs", "loadtest")) {
      pages.addAll(files(Path.of(folder), Integer.MAX_VALUE, ".md"));
    }
    return pages;
  }

  private static List<Path> files(Path folder, String ending) {
    return files(folder, Integer.MAX_VALUE, ending);
  }

  private static List<Path> files(Path folder, int depth, String ending) {
    try (Stream<Path> files = Files.walk(folder, depth)) {
      return files.filter(file -> file.toString().endsWith(ending)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
