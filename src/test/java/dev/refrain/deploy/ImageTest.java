package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.refrain.testing.Proxy;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The two ways to an image lead to the same, and it is the one that the manifests run. */
class ImageTest {
  private static final String LAUNCHER = "/opt/refrain/bin/refrain";
  private static final String DOCKERFILE = Docs.read("Dockerfile");
  private static final String LAST_STAGE = DOCKERFILE.substring(DOCKERFILE.lastIndexOf("\nFROM "));
  private static final String JIB = plugin(Docs.read("pom.xml"));

  @Test
  void bothStartTheLauncherWhichAloneKnowsTheFlagsOfTheJvm() throws IOException {
    assertThat(json("ENTRYPOINT")).containsExactly(LAUNCHER);
    assertThat(json("CMD")).containsExactly("serve");
    assertThat(tags("entrypoint")).containsExactly(LAUNCHER);
    assertThat(tags("args")).containsExactly("serve");
    assertThat(Path.of("bin/refrain")).isExecutable();
    assertThat(JIB).contains("<mode>755</mode>").doesNotContain("jvmFlags", "-XX:");
    assertThat(LAST_STAGE).doesNotContain("-XX:", "JAVA");
  }

  @Test
  void theLauncherFindsTheJarAndTheCacheWhereTheyAreLaid() {
    assertThat(Docs.read("bin/refrain"))
        .contains("folder=$home/lib\n", "jar=$folder/refrain.jar\n")
        .contains("archive=$folder/refrain-$version.aot\n")
        .contains("using=-XX:AOTCache\n");
    assertThat(DOCKERFILE)
        .contains("WORKDIR /opt/refrain\nCOPY bin/refrain bin/\n")
        .contains("/src/target/refrain.jar lib/\n")
        .contains("-XX:AOTCacheOutput=lib/refrain-25.aot bin/refrain demo --exit\n");
    assertThat(LAST_STAGE).contains("COPY --from=trained /opt/refrain /opt/refrain\n");
    assertThat(tags("into")).containsExactly("/opt/refrain/bin", "/opt/refrain/lib");
    assertThat(tags("includes")).containsExactly("refrain.jar");
  }

  @Test
  void theCacheIsMadeByTheJavaThatUsesIt() {
    List<String> stages = all("(?m)^FROM (\\S+)", DOCKERFILE);
    assertThat(stages).hasSize(3);
    assertThat(stages.get(2)).isEqualTo(stages.get(1)).isEqualTo(tags("image").get(0));
    assertThat(stages.get(2)).matches("eclipse-temurin:25-jre-\\w+");
  }

  @Test
  void aChangedSourceDownloadsNothingAgain() {
    assertThat(DOCKERFILE)
        .containsSubsequence(
            "COPY pom.xml", "COPY .mvn", "RUN mvn package", "COPY src/main", "RUN mvn -o package");
  }

  @Test
  void theImageSaysWhatItIsAndHowItIs() {
    String label = "org.opencontainers.image.";
    assertThat(LAST_STAGE)
        .contains("LABEL", label + "title=", label + "licenses=\"Apache-2.0\"", label + "version=");
  }

  @Test
  void itsManagementPortCanBeReachedFromOutside() {
    assertThat(LAST_STAGE).contains("\nENV REFRAIN_MANAGEMENT_HOST=0.0.0.0\n");
    assertThat(tags("REFRAIN_MANAGEMENT_HOST")).containsExactly("0.0.0.0");
    assertThat(Program.VARIABLES).contains("REFRAIN_MANAGEMENT_HOST");
  }

  @Test
  void theHealthCheckFindsAProxyThatIsReadyAndNoOther() throws Exception {
    try (Proxy proxy = Proxy.with("upstreams: [{url: \"http://127.0.0.1:1\"}]")) {
      assertThat(healthCheck(proxy.managementPort())).isZero();
      assertThat(healthCheck(proxy.port())).isNotZero();
      assertThat(healthCheck(1)).isNotZero();
    }
  }

  private static int healthCheck(int port) throws Exception {
    Matcher found = Pattern.compile("HEALTHCHECK .*\\\\\n  CMD (\\[.*])\n").matcher(LAST_STAGE);
    assertThat(found.find()).isTrue();
    List<String> command =
        new YAMLMapper().readTree(found.group(1)).valueStream().map(JsonNode::asText).toList();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("REFRAIN_MANAGEMENT_PORT", String.valueOf(port));
    return builder.start().waitFor();
  }

  @Test
  void theyRunAsThePodDoes() {
    PodSecurityContext pod = Rollout.of(Rollout.DEV).pod().getSecurityContext();
    String user = pod.getRunAsUser() + ":" + pod.getRunAsGroup();
    assertThat(all("(?m)^USER (\\S+)$", LAST_STAGE)).containsExactly(user);
    assertThat(tags("user")).containsExactly(user);
  }

  @Test
  void theyOpenThePortsOfThePod() {
    List<String> ports =
        Rollout.of(Rollout.DEV).container().getPorts().stream()
            .map(ContainerPort::getContainerPort)
            .map(String::valueOf)
            .toList();
    assertThat(all("(?m)^EXPOSE (.*)$", LAST_STAGE)).containsExactly(String.join(" ", ports));
    assertThat(tags("port")).isEqualTo(ports);
  }

  @Test
  void everyCommandThatRunsTheImageNamesAnUpstream() {
    for (String text : List.of(DOCKERFILE, Docs.read("docs/guide/deploy.md"))) {
      List<String> commands = all("(?m)(docker run (?:.*\\\\\\n)*.*)$", text);
      assertThat(commands)
          .isNotEmpty()
          .allSatisfy(one -> assertThat(one).contains("UPSTREAM_URL="));
    }
  }

  @Test
  void everythingTheDockerfileCopiesIsThereAndSentAlong() throws IOException {
    List<String> ignore = Files.readAllLines(Path.of(".dockerignore"));
    assertThat(ignore).contains("*");
    List<String> sources = all("(?m)^COPY (?!--)(\\S+) ", DOCKERFILE);
    assertThat(sources).hasSize(5);
    for (String source : sources) {
      assertThat(Path.of(source)).exists();
      assertThat(ignore)
          .anyMatch(line -> line.startsWith("!") && within(source, line.substring(1)));
    }
  }

  private static boolean within(String source, String folder) {
    return Path.of(source).startsWith(folder);
  }

  private static List<String> json(String instruction) throws IOException {
    Matcher found = Pattern.compile("(?m)^" + instruction + " (\\[.*])$").matcher(LAST_STAGE);
    assertThat(found.find()).as(instruction).isTrue();
    JsonNode words = new YAMLMapper().readTree(found.group(1));
    return words.valueStream().map(JsonNode::asText).toList();
  }

  private static String plugin(String pom) {
    int at = pom.indexOf("<artifactId>jib-maven-plugin</artifactId>");
    return pom.substring(at, pom.indexOf("</plugin>", at));
  }

  private static List<String> tags(String name) {
    return all("<" + name + ">([^<]+)</" + name + ">", JIB);
  }

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult match) -> match.group(1))
        .toList();
  }
}
