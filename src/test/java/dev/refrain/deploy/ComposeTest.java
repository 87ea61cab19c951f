package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** {@code docker-compose.yml} fits its parts: the image, the ports, the mounted files. */
class ComposeTest {
  private static final JsonNode SERVICES = yaml("docker-compose.yml").path("services");
  private static final Rollout DEV = Rollout.of(Rollout.DEV);

  @Test
  void everyServiceIsOfAFixedImageHasAHealthCheckAndAnOpenPortOnThisMachineAlone() {
    assertThat(names(SERVICES))
        .containsExactlyInAnyOrder("refrain", "upstream", "valkey", "prometheus", "grafana");
    for (Map.Entry<String, JsonNode> service : SERVICES.properties()) {
      String image = service.getValue().path("image").asText();
      assertThat(image).matches("refrain:dev|[a-z/]+:v?\\d+\\.\\d+[.\\w-]*");
      boolean own = service.getKey().equals("refrain");
      assertThat(service.getValue().path("healthcheck").has("test")).isEqualTo(!own);
      for (JsonNode port : service.getValue().path("ports")) {
        assertThat(port.asText()).matches("127\\.0\\.0\\.1:\\d+:\\d+");
      }
    }
    assertThat(Docs.read("Dockerfile")).contains("\nHEALTHCHECK ");
  }

  @Test
  void theProxyIsTheImageWithVariablesAndPortsThatItKnows() {
    JsonNode proxy = SERVICES.path("refrain");
    assertThat(proxy.path("build").asText()).isEqualTo(".");
    assertThat(Program.VARIABLES).containsAll(names(proxy.path("environment")));
    assertThat(inside(proxy)).containsExactly("8080", "9090");
    assertThat(proxy.at("/environment/REFRAIN_UPSTREAM_URL").asText())
        .endsWith("http://upstream:" + SERVICES.at("/upstream/command/4").asText() + "}");
    assertThat(proxy.at("/environment/REFRAIN_REDIS_URL").asText())
        .isEqualTo("redis://valkey:6379");
    assertThat(names(proxy.path("depends_on"))).containsExactly("upstream", "valkey");
    assertThat(proxy.path("stop_grace_period").asText())
        .isEqualTo(DEV.pod().getTerminationGracePeriodSeconds() + "s");
    assertThat(proxy.path("mem_limit").asText()).isEqualTo("512m");
    assertThat(texts(proxy.path("tmpfs"))).containsExactly("/tmp:exec");
  }

  @Test
  void theUpstreamIsTheSimulatedOneOfTheSameImage() {
    JsonNode upstream = SERVICES.path("upstream");
    assertThat(upstream.path("image")).isEqualTo(SERVICES.at("/refrain/image"));
    assertThat(upstream.path("build")).isEqualTo(SERVICES.at("/refrain/build"));
    assertThat(texts(upstream.path("command")))
        .containsExactly("upstream", "--host", "0.0.0.0", "--port", "8000");
    assertThat(upstream.at("/healthcheck/test/3").asText()).contains("/8000");
  }

  @Test
  void valkeyIsTheOneOfTheTrialOverlay() {
    List<String> manifest =
        Docs.read("k8s/overlays/dev/valkey.yaml").lines().map(String::strip).toList();
    assertThat(manifest).contains("image: " + SERVICES.at("/valkey/image").asText());
    for (String word : texts(SERVICES.at("/valkey/command"))) {
      assertThat(manifest).contains("- " + (word.matches("no|") ? "\"" + word + "\"" : word));
    }
  }

  @Test
  void everyMountedFileIsThereAndReadOnly() {
    for (JsonNode service : SERVICES) {
      for (String volume : texts(service.path("volumes"))) {
        assertThat(volume).startsWith("./").endsWith(":ro");
        assertThat(Path.of(volume.substring(2, volume.indexOf(':')))).isRegularFile();
      }
    }
  }

  @Test
  void prometheusScrapesTheProxyAndReadsTheRulesOfTheManifests() {
    JsonNode prometheus = SERVICES.path("prometheus");
    JsonNode config = yaml("compose/prometheus.yml");
    assertThat(config.at("/scrape_configs/0/job_name").asText()).matches("refrain.*");
    assertThat(config.at("/scrape_configs/0/static_configs/0/targets/0").asText())
        .isEqualTo("refrain:" + inside(SERVICES.path("refrain")).get(1));
    String command = prometheus.at("/command/0").asText();
    assertThat(command)
        .contains("> " + config.at("/rule_files/0").asText(), "sed -n '/^spec:$$/,$$s/^  //p' ");
    assertThat(Docs.DEPLOY).contains("sed -n '/^spec:$/,$s/^  //p'");
    for (String mounted : texts(prometheus.path("volumes"))) {
      assertThat(command).contains(mounted.split(":")[1]);
    }
    assertThat(inside(prometheus)).containsExactly("9090");
  }

  @Test
  void grafanaHasTheDashboardOverThatPrometheus() {
    JsonNode grafana = SERVICES.path("grafana");
    JsonNode source = yaml("compose/grafana-datasource.yaml").at("/datasources/0");
    assertThat(source.path("type").asText()).isEqualTo("prometheus");
    assertThat(source.path("url").asText()).isEqualTo("http://prometheus:9090");
    String folder =
        yaml("compose/grafana-dashboards.yaml").at("/providers/0/options/path").asText();
    assertThat(texts(grafana.path("volumes")))
        .contains("./k8s/monitoring/refrain.json:" + folder + "/refrain.json:ro")
        .anyMatch(each -> each.contains(":/etc/grafana/provisioning/datasources/"))
        .anyMatch(each -> each.contains(":/etc/grafana/provisioning/dashboards/"));
    assertThat(grafana.at("/environment/GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH").asText())
        .isEqualTo(folder + "/refrain.json");
  }

  @Test
  void theGuideNamesEveryOpenPort() {
    String guide = Docs.read("docs/guide/install.md");
    for (JsonNode service : SERVICES) {
      for (String port : texts(service.path("ports"))) {
        assertThat(guide).contains("http://localhost:" + port.split(":")[1]);
      }
    }
  }

  private static List<String> inside(JsonNode service) {
    return texts(service.path("ports")).stream().map(port -> port.split(":")[2]).toList();
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asText).toList();
  }

  private static Set<String> names(JsonNode section) {
    Set<String> names = new TreeSet<>();
    section.fieldNames().forEachRemaining(names::add);
    return names;
  }

  static JsonNode yaml(String file) {
    try {
      return new YAMLMapper().readTree(Files.readString(Path.of(file)));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
