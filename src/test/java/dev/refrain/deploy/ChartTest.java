package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The Helm chart is the base of the manifests with values, as far as that shows without Helm. */
class ChartTest {
  private static final Path CHART = Path.of("k8s/chart");
  private static final String TEMPLATE = Docs.read("k8s/chart/templates/manifests.yaml");
  private static final JsonNode VALUES = ComposeTest.yaml("k8s/chart/values.yaml");

  @Test
  void theChartHoldsTheBaseItselfAndNoCopyOfIt() throws IOException {
    assertThat(CHART.resolve("base").toRealPath()).isEqualTo(Path.of("k8s/base").toRealPath());
    try (var files = Files.list(CHART.resolve("templates"))) {
      assertThat(files).hasSize(1);
    }
    assertThat(TEMPLATE)
        .contains(".Files.Glob \"base/*.yaml\"", ".Files.Get \"base/refrain.yaml\"");
  }

  @Test
  void theTemplateUsesEveryValueAndNoOther() {
    Set<String> used = new TreeSet<>();
    Matcher matcher = Pattern.compile("\\$values\\.(\\w+)").matcher(TEMPLATE);
    while (matcher.find()) {
      used.add(matcher.group(1));
    }
    Set<String> known = new TreeSet<>();
    VALUES.fieldNames().forEachRemaining(known::add);
    assertThat(used).isEqualTo(known);
  }

  @Test
  void withoutValuesItIsTheBase() {
    JsonNode scaler = ComposeTest.yaml("k8s/base/autoscaler.yaml").path("spec");
    VALUES
        .path("autoscaler")
        .properties()
        .forEach(each -> assertThat(scaler.get(each.getKey())).isEqualTo(each.getValue()));
    JsonNode containers =
        ComposeTest.yaml("k8s/base/deployment.yaml").at("/spec/template/spec/containers");
    assertThat(containers).hasSize(1);
    assertThat(VALUES.at("/image/repository")).isEqualTo(containers.at("/0/image"));
    for (String empty : new String[] {"config", "env", "resources", "patches"}) {
      assertThat(VALUES.path(empty)).isEmpty();
    }
  }

  @Test
  void everyFileThatTheTemplateLeavesOutIsThere() {
    Matcher files = Pattern.compile("\"(base/[\\w-]+\\.yaml)\"").matcher(TEMPLATE);
    assertThat(files.results().map(file -> CHART.resolve(file.group(1))))
        .hasSize(4)
        .allSatisfy(file -> assertThat(file).isRegularFile());
  }

  @Test
  void itsVersionIsThatOfTheProgram() {
    JsonNode chart = ComposeTest.yaml("k8s/chart/Chart.yaml");
    String pom = Docs.read("pom.xml");
    String version = pom.replaceAll("(?s).*?<version>([^<]+)</version>.*", "$1");
    assertThat(chart.path("version").asText()).isEqualTo(version);
    assertThat(chart.path("appVersion").asText()).isEqualTo(version);
  }
}
