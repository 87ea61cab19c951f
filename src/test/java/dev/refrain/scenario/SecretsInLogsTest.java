package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests of every kind, with a mark in every field and header, through a program that logs all it
 * can: the mark is nowhere in what it says.
 */
@Timeout(120)
class SecretsInLogsTest {
  private static final String MARK = "s3cr3t";
  private static final String KEY = MARK + "-0123456789";
  private static final Pattern PORT = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"plain", "json", "plain with keys"})
  void aMarkInEveryFieldAndHeaderIsInNoLine(String format) throws Exception {
    try (RedisFixture redis = new RedisFixture();
        ScriptedUpstream upstream = ScriptedUpstream.playing(SecretsInLogsTest::answer)) {
      Path log = folder.resolve(format + ".log");
      Process process = start(upstream, redis, format, log);
      try (BufferedReader out = process.inputReader()) {
        int port = port(out.readLine());
        for (String request : requests()) {
          ask(port, request);
          ask(port, presenting(request));
        }
        leave(port);
        redis.garble((MARK + " garbage").getBytes(StandardCharsets.UTF_8));
        ask(port, presenting(post(body("kept", "0", false))));
      } finally {
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      }
      String said = Files.readString(log);
      assertThat(said).contains("answered", "refused", "/v1/files", "internal-server", "left");
      assertThat(said).doesNotContain(MARK);
    }
  }

  private static List<String> requests() {
    return List.of(
        post(body("kept", "0", false)),
        post(body("kept", "0", false)),
        post(body("kept", "0", true)),
        post(body("sampled", "1", true)),
        post(body("sampled", "1", false)),
        post(body("many", "0", false).replace("\"n\":1", "\"n\":2")),
        post(body("many", "1", true).replace("\"n\":1", "\"n\":2")),
        post(body("stop", "\"" + MARK + "\"", false)),
        post(body("x", "0", false).replace("}", "")),
        post("\u0000" + MARK),
        post(body("broken", "0", false)),
        post(body("broken-stream", "0", true)),
        post(body("error-stream", "1", true)),
        post(body("refused", "0", false)),
        post(body("garbage", "0", false)),
        head("GET /v1/files?q=" + MARK, "") + "\r\n",
        head("GET /v1/models?q=" + MARK, "") + "\r\n",
        head("GET /v1/internal-server", "") + "\r\n",
        head("DELETE /v1/completions?q=" + MARK, "") + "\r\n",
        head("POST /v1/chat/completions", "Content-Length: 6\r\n") + "\r\n" + MARK,
        post(body("x", "0", false)).replace("Cache: force", "Cache: " + MARK),
        post(body("x", "0", false)).replace("X-Refrain-Cache", "X-Refrain-" + MARK),
        head("POST /v1/completions", "Transfer-Encoding: chunked, " + MARK + "\r\n") + "\r\n",
        head("GET /v1/files", MARK + " x: " + MARK + "\r\n") + "\r\n",
        MARK + " garbage that is no request " + MARK + "\r\n\r\n");
  }

  /** The same request with the key there is, if there is one. */
  private static String presenting(String request) {
    return request
        .replace("Bearer " + MARK + "\r\n", "Bearer " + KEY + "\r\n")
        .replace("X-Api-Key: " + MARK + "\r\n", "");
  }

  private static String body(String prompt, String temperature, boolean stream) {
    return "{\"model\":\"m\",\"prompt\":\"%s %s\",\"suffix\":\"%2$s\",\"stop\":\"%2$s\","
            .formatted(prompt, MARK)
        + "\"user\":\"%1$s\",\"logit_bias\":{\"7\":1},\"metadata\":{\"%1$s\":\"%1$s\"},\"%1$s\":\"%1$s\",\"n\":1,"
            .formatted(MARK)
        + "\"temperature\":%s,\"stream\":%s}".formatted(temperature, stream);
  }

  private static String post(String body) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    String framing = "Content-Type: application/json\r\nContent-Length: " + length + "\r\n";
    return head("POST /v1/completions?q=" + MARK, framing) + "\r\n" + body;
  }

  private static String head(String line, String more) {
    return line
        + " HTTP/1.1\r\nHost: "
        + MARK
        + "\r\nAuthorization: Bearer "
        + MARK
        + "\r\nOpenAI-Organization: "
        + MARK
        + "\r\nX-Api-Key: "
        + MARK
        + "\r\nCookie: a="
        + MARK
        + "\r\nUser-Agent: "
        + MARK
        + "\r\nX-Refrain-Cache: force"
        + "\r\nCache-Control: "
        + MARK
        + "\r\n"
        + more;
  }

  private static Script answer(Received request) {
    String text = request.text();
    if (text.contains("broken-stream")) {
      return Script.events("X-Secret: " + MARK).data(Examples.chunk(MARK, null)).cut();
    }
    if (text.contains("error-stream")) {
      return Script.events().data("{\"error\":{\"message\":\"" + MARK + "\"}}").end();
    }
    if (text.contains("broken")) {
      return Script.silence().hangUp();
    }
    if (text.contains("refused")) {
      return Script.answer(500, "{\"error\":{\"message\":\"" + MARK + "\"}}", "X-S: " + MARK);
    }
    if (text.contains("garbage")) {
      return Script.silence().raw(MARK + " no answer at all " + MARK + "\r\n\r\n").hangUp();
    }
    if (text.contains("silence")) {
      return Script.silence();
    }
    if (text.isEmpty() || text.equals(MARK)) {
      return Script.answer(200, "\"" + MARK + "\"", "Content-Type: application/json", "X: " + MARK);
    }
    return Examples.answer(request);
  }

  private static void ask(int port, String request) throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(request);
      client.send("GET /v1/models HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      client.stream().readAllBytes();
    } catch (IOException closed) {
      // however it ends, it was heard
    }
  }

  private static void leave(int port) throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(presenting(post(body("silence", "1", true))));
    }
  }

  private Process start(ScriptedUpstream upstream, RedisFixture redis, String format, Path log)
      throws Exception {
    Path config = folder.resolve(format + ".yaml");
    Files.writeString(
        config,
        """
        server: {host: 127.0.0.1, port: 0, eventLoops: 1}
        management: {host: 127.0.0.1, port: 0, token: %1$s}
        upstreams: [{url: "%2$s", apiKey: %1$s, breaker: {failures: 1000}}]
        cache: {redis: {url: "%3$s", prefix: p}}
        retry: {maxRetries: 1}
        logging: {access: true, format: %4$s}
        %5$s
        """
            .formatted(MARK, upstream.url(), redis.url(), format.split(" ")[0], keys(format)));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "dev.refrain.cli.Main",
            "serve",
            "--log-level",
            "trace",
            "--config",
            config.toString())
        .redirectError(log.toFile())
        .start();
  }

  private static String keys(String format) {
    return format.contains("keys")
        ? "keys: [{name: a, secret: " + KEY + ", requestsPerMinute: 30}]"
        : "";
  }

  private static int port(String announcement) {
    MatchResult found = PORT.matcher(announcement).results().findFirst().orElseThrow();
    return Integer.parseInt(found.group(1));
  }
}
