package dev.refrain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/refrain} as a user starts it, over the jar of this build. */
@Timeout(120)
class LauncherIT {
  private static final Path LAUNCHER = Path.of("bin", "refrain").toAbsolutePath();
  private static final Map<String, String> FREE_PORTS =
      Map.of(
          "REFRAIN_UPSTREAM_URL", "http://127.0.0.1:1",
          "REFRAIN_PORT", "0",
          "REFRAIN_MANAGEMENT_PORT", "0");

  @TempDir private Path folder;

  @Test
  void itIsFoundThroughSymbolicLinks() throws Exception {
    Files.createDirectory(folder.resolve("in"));
    Path absolute = Files.createSymbolicLink(folder.resolve("absolute"), LAUNCHER);
    Path relative = Files.createSymbolicLink(folder.resolve("in/relative"), Path.of("../absolute"));
    for (Path link : new Path[] {absolute, relative}) {
      Process process = start(Map.of(), link, "--version");
      assertThat(process.waitFor()).isZero();
      assertThat(text(process)).startsWith("refrain ");
      assertThat(errors()).isEmpty();
    }
  }

  @Test
  void aWrongConfigurationEndsWithStatusTwoAndOneLine() throws Exception {
    Path file = Files.writeString(folder.resolve("wrong.yaml"), "upstreams: 7");
    Process process = start(Map.of(), LAUNCHER, "serve", "--config", file.toString());
    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(text(process)).isEmpty();
    assertThat(errors())
        .isEqualTo(
            "refrain: " + file + ":1: upstreams: 7 (expected: a list)" + System.lineSeparator());
  }

  @Test
  void itSaysWhereItListensAndStopsWhenTold() throws Exception {
    Process process = start(FREE_PORTS, LAUNCHER, "serve");
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine())
          .matches(
              "Refrain listens on http://0\\.0\\.0\\.0:\\d+, management on"
                  + " http://127\\.0\\.0\\.1:\\d+");
      // SIGTERM; the launcher has become the JVM, so this reaches it.
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void itWarnsInOneLineEachOfWhatIsOpenToOthers() throws Exception {
    Map<String, String> open = new HashMap<>(FREE_PORTS);
    open.put("REFRAIN_UPSTREAM_API_KEY", "sk-operator");
    open.put("REFRAIN_MANAGEMENT_HOST", "0.0.0.0");
    Process process = start(open, LAUNCHER, "serve");
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine()).contains("management on http://0.0.0.0:");
      process.destroy();
      process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    // The first start also says that it prepares later ones.
    assertThat(errors().lines().filter(line -> line.contains("WARN")))
        .hasSize(2)
        .anyMatch(line -> line.contains("spends upstreams[0].apiKey"))
        .anyMatch(line -> line.contains("without management.token"));
  }

  @Test
  void theFirstStartLeavesAnArchiveThatLaterOnesUseAndOtherwiseIgnoreInSilence() throws Exception {
    Path home = Files.createDirectory(folder.resolve("home"));
    Path launcher = lay(home);
    Process first = start(FREE_PORTS, launcher, "serve");
    try (BufferedReader out = first.inputReader()) {
      assertThat(out.readLine()).startsWith("Refrain listens on ");
    } finally {
      first.destroy();
      first.waitFor();
    }
    assertThat(errors()).isEqualTo("refrain: preparing faster starts (once for this Java)\n");
    assertThat(archive(home)).isNotEmptyFile();

    // To these an archive that does not fit is an error.
    String strictly = Runtime.version().feature() < 25 ? "-Xshare:on" : "-XX:AOTMode=on";
    assertStarts(Map.of("REFRAIN_JAVA_OPTS", strictly), launcher);
    Files.setLastModifiedTime(
        home.resolve("lib/refrain.jar"), FileTime.fromMillis(System.currentTimeMillis() + 5000));
    assertStarts(Map.of(), launcher);
    Files.write(archive(home), new byte[] {1, 2, 3});
    assertStarts(Map.of(), launcher);
    Files.write(archive(home), new byte[0]);
    assertStarts(Map.of(), launcher);
  }

  private void assertStarts(Map<String, String> env, Path launcher) throws Exception {
    Process process = start(env, launcher, "--version");
    assertThat(text(process)).matches("refrain \\S+\\R");
    assertThat(process.waitFor()).isZero();
    assertThat(errors()).isEmpty();
  }

  /** What an image holds. */
  private static Path lay(Path home) throws IOException {
    Files.createDirectory(home.resolve("bin"));
    Files.createDirectory(home.resolve("lib"));
    Files.copy(
        LAUNCHER.resolve("../../target/refrain.jar").normalize(), home.resolve("lib/refrain.jar"));
    return Files.copy(LAUNCHER, home.resolve("bin/refrain"), StandardCopyOption.COPY_ATTRIBUTES);
  }

  private static Path archive(Path home) throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("lib"))) {
      return files.filter(file -> !file.toString().endsWith(".jar")).findFirst().orElseThrow();
    }
  }

  @Test
  void anOldJavaIsRefused() throws Exception {
    Path java = folder.resolve("bin/java");
    Files.createDirectory(java.getParent());
    Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Process process = start(Map.of("JAVA_HOME", folder.toString()), LAUNCHER, "--version");
    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(errors()).contains("is of version 11 (expected: 17 or later)");
  }

  private Process start(Map<String, String> env, Path launcher, String... args) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(launcher.toString());
    builder.command().addAll(List.of(args));
    builder.environment().keySet().removeIf(name -> name.startsWith("REFRAIN_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(env);
    return builder.redirectError(folder.resolve("errors").toFile()).start();
  }

  private static String text(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("errors"));
  }
}
