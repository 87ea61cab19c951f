package dev.refrain.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The archive of this build, unpacked on a machine with a JRE and without Maven. */
@Timeout(120)
class ArchiveIT {
  private static final String ARCHIVE = System.getProperty("refrain.archive");
  private static final String NAME = Path.of(ARCHIVE).getFileName().toString();

  /** What the launcher may use of the system. */
  private static final List<String> TOOLS =
      List.of("sh", "dirname", "readlink", "sed", "head", "find", "mv");

  /** What a JDK has and a JRE has not. */
  private static final Set<String> OF_A_JDK =
      Set.of(
          "jdk.compiler",
          "jdk.internal.opt",
          "jdk.jartool",
          "jdk.javadoc",
          "jdk.jconsole",
          "jdk.jdeps",
          "jdk.jdi",
          "jdk.jlink",
          "jdk.jpackage",
          "jdk.jshell");

  @TempDir private Path folder;

  @BeforeEach
  void unpack() throws Exception {
    Process tar =
        new ProcessBuilder("tar", "xzf", ARCHIVE + ".tar.gz", "-C", folder.toString()).start();
    assertThat(tar.waitFor()).isZero();
  }

  @Test
  void aJreAloneRunsIt() throws Exception {
    assertThat(run("--version")).isEqualTo("refrain " + NAME.substring("refrain-".length()) + "\n");
    assertThat(run("demo", "--exit")).contains("Saved: ");
  }

  @Test
  void bothArchivesHoldTheSameFilesOfTheTimeThatThePomStates() throws Exception {
    Set<String> zipped = new TreeSet<>();
    try (ZipFile zip = new ZipFile(ARCHIVE + ".zip")) {
      zip.stream()
          .filter(entry -> !entry.isDirectory())
          .peek(entry -> assertThat(entry.getTimeLocal().getYear()).isEqualTo(2026))
          .peek(entry -> assertThat(entry.getTimeLocal().getDayOfYear()).isEqualTo(1))
          .forEach(entry -> zipped.add(entry.getName()));
      String command = NAME + "/bin/refrain.cmd";
      assertThat(new String(zip.getInputStream(zip.getEntry(command)).readAllBytes(), UTF_8))
          .startsWith("@echo off\r\n");
    }
    try (var files = Files.walk(file(NAME))) {
      Set<String> unpacked =
          files
              .filter(Files::isRegularFile)
              .map(each -> file("").relativize(each).toString())
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(unpacked).isEqualTo(zipped);
    }
    assertThat(zipped)
        .contains(
            NAME + "/LICENSE",
            NAME + "/NOTICE",
            NAME + "/README.md",
            NAME + "/conf/refrain.yaml",
            NAME + "/docs/guide/install.md",
            NAME + "/lib/refrain.jar",
            NAME + "/licences/micrometer-core/META-INF/NOTICE");
  }

  @Test
  void theBillOfMaterialsNamesEveryLibraryWithALicenceThatMayBePassedOn() throws Exception {
    JsonNode bill = new ObjectMapper().readTree(file(NAME + "/refrain-sbom.json").toFile());
    Set<String> names = new TreeSet<>();
    for (JsonNode component : bill.path("components")) {
      names.add(component.path("name").asText());
      assertThat(licences(component))
          .as(component.path("purl").asText())
          .anyMatch(
              licence -> licence.matches("Apache-2.0|MIT|EPL-[12].0|BSD-[23]-Clause|CC0-1.0"));
    }
    assertThat(names)
        .contains("vertx-core", "netty-common", "picocli", "logback-classic")
        .doesNotContain("junit-jupiter", "archunit");
  }

  private static List<String> licences(JsonNode component) {
    return component
        .path("licenses")
        .valueStream()
        .map(each -> each.path("license").path("id").asText(each.path("expression").asText()))
        .flatMap(each -> Arrays.stream(each.split(" OR ")))
        .toList();
  }

  private String run(String... args) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(file(NAME + "/bin/refrain").toString());
    builder.command().addAll(List.of(args));
    builder.environment().clear();
    builder.environment().put("PATH", tools().toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("REFRAIN_JAVA_OPTS", "--limit-modules=" + modulesOfAJre());
    Process process = builder.redirectError(file("errors").toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(file("errors")).hasContent("");
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  private static String modulesOfAJre() {
    return ModuleFinder.ofSystem().findAll().stream()
        .map((ModuleReference module) -> module.descriptor().name())
        .filter(name -> !OF_A_JDK.contains(name))
        .collect(Collectors.joining(","));
  }

  /** A path with the tools alone: no mvn, no javac. */
  private Path tools() throws IOException {
    Path tools = file("tools");
    if (Files.notExists(tools)) {
      Files.createDirectory(tools);
      for (String tool : TOOLS) {
        Path found =
            Arrays.stream(System.getenv("PATH").split(":"))
                .map(each -> Path.of(each, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
        Files.createSymbolicLink(tools.resolve(tool), found);
      }
    }
    return tools;
  }

  private Path file(String name) {
    return folder.resolve(name);
  }
}
