package dev.refrain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.ScriptedUpstream;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code cache explain} against a running proxy whose management port wants a token. */
class ExplainCommandTest {
  private static final String TOKEN = "management-token-of-the-test";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.managed(upstream.url(), "token: " + TOKEN);
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  private int explain(String body, String... options) throws IOException {
    Path file = Files.writeString(folder.resolve("request.json"), body);
    List<String> all = new ArrayList<>(List.of("cache", "explain", "--request", file.toString()));
    all.addAll(List.of(options));
    Map<String, String> env =
        Map.of("REFRAIN_MANAGEMENT_PORT", String.valueOf(proxy.managementPort()));
    CommandLine commands = Main.commandLine(env);
    commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commands.execute(all.toArray(new String[0]));
  }

  @Test
  void whatIsStoredAndWhatIsNearIsPrinted() throws IOException {
    proxy.post(Examples.asking("p"), "X-Feature", "a");
    assertThat(explain(Examples.asking("p"), "--token", TOKEN, "--header", "X-Feature: a"))
        .isZero();
    assertThat(out.toString())
        .contains("request     /v1/completions, m", "rule        default")
        .contains("shared      yes (deterministic)", "namespace   the common one")
        .containsPattern("stored      in memory, \\d+ bytes, \\d+ s old, fresh for \\d+ s");

    assertThat(explain(Examples.asking("q"), "--token", TOKEN)).isZero();
    assertThat(out.toString())
        .contains("stored      no")
        .contains("nearest     differs in: header x-feature, prompt");
    assertThat(explain(Examples.sampling("q"), "--token", TOKEN)).isZero();
    assertThat(out.toString()).contains("shared      no: sampled");
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void partsAreListedAndTheDocumentIsThereForPrograms() throws IOException {
    String body = Examples.asking("a").replace("\"a\"", "[\"a\",\"b\"]");
    proxy.post(Examples.asking("a"));
    assertThat(explain(body, "--token", TOKEN)).isZero();
    assertThat(out.toString())
        .contains("part 0      in memory", "part 1      no", "differs in: prompt");
    out.getBuffer().setLength(0);
    assertThat(explain(body, "--token", TOKEN, "--json")).isZero();
    assertThat(new JsonObject(out.toString()).getJsonArray("parts")).hasSize(2);
  }

  @Test
  void whatCannotBeExplainedIsSaidInOneLine() throws IOException {
    assertThat(explain("{}")).isEqualTo(1);
    assertThat(explain("[", "--token", TOKEN)).isEqualTo(1);
    assertThat(explain("{}", "--url", proxy.url(), "--token", TOKEN)).isEqualTo(1);
    assertThat(explain("{}", "--url", "http://127.0.0.1:1")).isEqualTo(1);
    assertThat(err.toString().lines())
        .hasSize(4)
        .allSatisfy(line -> assertThat(line).startsWith("refrain: "));
    assertThat(explain("{}", "--header", "none")).isEqualTo(2);
    assertThat(explain("{}", "--request", folder.resolve("none").toString())).isEqualTo(2);
    assertThat(explain("{}", "--url", "nowhere")).isEqualTo(2);
    assertThat(err.toString()).doesNotContain("Exception", TOKEN);
  }
}
