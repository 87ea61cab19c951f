package dev.refrain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void forgetHowServeLogs() throws JoranException {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    new ContextInitializer(context).autoConfig();
  }

  @Test
  void theHelpNamesTheCommandsAndTheEnvironment() {
    assertThat(run(Map.of(), "--help")).isZero();
    assertThat(out.toString()).contains("serve", "REFRAIN_UPSTREAM_URL").doesNotContain("@|");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void theVersionIsThatOfTheBuild() {
    assertThat(run(Map.of(), "--version")).isZero();
    assertThat(out.toString()).matches("refrain \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R");
  }

  @Test
  void aWrongCommandLineIsToldWithoutTheWholeHelp() {
    assertThat(run(Map.of(), "serve", "--confg", "x")).isEqualTo(2);
    assertThat(err.toString().lines())
        .hasSize(2)
        .first()
        .asString()
        .startsWith("refrain: ")
        .contains("--confg");
  }

  @Test
  void theHelpNamesEveryVariableThatIsRead() {
    assertThat(run(Map.of(), "--help")).isZero();
    String read = "REFRAIN_REDIS_PASSWORD, REFRAIN_SENTINEL_PASSWORD, REFRAIN_MANAGEMENT_TOKEN";
    assertThat(out.toString()).contains(read.split(", "));
  }

  @Test
  void theHelpOfACommandNamesNoVariableThatItIgnores() {
    assertThat(run(Map.of(), "demo", "--help")).isZero();
    assertThat(run(Map.of(), "upstream", "--help")).isZero();
    assertThat(out.toString()).contains("NO_COLOR", "REFRAIN_JAVA_OPTS");
    assertThat(out.toString().replace("REFRAIN_JAVA_OPTS", "")).doesNotContain("REFRAIN_");
  }

  @Test
  void withoutACommandItIsTheHelp() {
    assertThat(run(Map.of())).isZero();
    assertThat(out.toString()).startsWith("Usage: refrain ").contains("serve", "doctor", "demo");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void whereNothingIsSetOneLineSaysWhatToSet() {
    assertThat(run(Map.of(), "serve")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "refrain: no upstream (expected: serve --upstream URL, REFRAIN_UPSTREAM_URL=URL, or"
                + " --config FILE with upstreams)\n");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void anOptionOverridesTheVariableAndIsNamedByWhatIsWrongWithIt() {
    Map<String, String> env = Map.of("REFRAIN_UPSTREAM_URL", "http://right", "REFRAIN_PORT", "1");
    assertThat(run(env, "serve", "--upstream", "ftp://wrong")).isEqualTo(2);
    assertThat(run(env, "serve", "--port", "70000")).isEqualTo(2);
    assertThat(err.toString().lines())
        .hasSize(2)
        .anyMatch(line -> line.startsWith("refrain: --upstream: upstreams[0].url: ftp://wrong"))
        .anyMatch(line -> line.startsWith("refrain: --port: server.port: 70000 (expected: "));
  }

  @Test
  void aWrongConfigurationIsOneLine(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("wrong.yaml"), "server: {prot: 1}");
    assertThat(run(Map.of(), "serve", "--config", file.toString())).isEqualTo(2);
    assertThat(err.toString())
        .hasLineCount(1)
        .startsWith("refrain: " + file + ":1: server.prot: unknown key");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aTakenPortIsOneLineThatNamesItsKey() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());
      Map<String, String> env =
          Map.of(
              "REFRAIN_UPSTREAM_URL", "http://127.0.0.1:1",
              "REFRAIN_PORT", "0",
              "REFRAIN_MANAGEMENT_PORT", port);
      assertThat(run(env, "serve")).isEqualTo(2);
      assertThat(err.toString())
          .hasLineCount(1)
          .startsWith("refrain: management.port: " + port + " is in use");
    }
  }

  private int run(Map<String, String> env, String... args) {
    CommandLine commandLine = Main.commandLine(env);
    return commandLine
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }
}
