package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers that ask to go on in HTTP/2, as Java's own client does with its first request. */
@Timeout(60)
class UpgradeTest {
  private static final String[] UPGRADE = {
    "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"
  };
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream.url(), "", "", "eventLoops: 1");

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    upstream.close();
  }

  @Test
  void nothingIsAnsweredBeforeTheCallerSaysSomethingInHttp2() throws IOException {
    try (RawClient caller = proxy.connect()) {
      caller.post(Examples.asking("x"), UPGRADE);
      assertThat(caller.head().status()).isEqualTo(101);
      proxy.post(Examples.asking("on the same event loop"));
      assertThat(upstream.calls()).isEqualTo(1);

      caller.send(PREFACE).send(SETTINGS);
      assertThat(until(caller.stream(), "finish_reason")).contains("indeed a test");
      assertThat(upstream.last().text()).contains("\"x\"");
    }
  }

  @Test
  void aLargeBodyIsNotHeldBack() throws IOException {
    try (RawClient caller = proxy.connect()) {
      caller.post(Examples.asking("x".repeat(300_000)), UPGRADE);
      assertThat(caller.head().status()).isEqualTo(101);
      upstream.awaitCalls(1);

      caller.send(PREFACE).send(SETTINGS);
      assertThat(until(caller.stream(), "finish_reason")).contains("indeed a test");
    }
  }

  @Test
  void whoLeavesAfterThe101IsForgotten() throws IOException {
    try (RawClient caller = proxy.connect()) {
      caller.post(Examples.asking("x"), UPGRADE);
      assertThat(caller.head().status()).isEqualTo(101);
    }
    proxy.post(Examples.asking("y"));
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void javasOwnClientLosesNoAnswer() throws Exception {
    String answer = Examples.ANSWER.replace("This", "This ".repeat(10_000));
    upstream.play(Script.json(answer));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(proxy.url() + "/v1/completions"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(Examples.REQUEST))
            .build();
    for (int i = 0; i < 100; i++) {
      HttpResponse<String> got = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
      assertThat(got.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(got.body()).isEqualTo(answer);
    }
  }

  private static String until(InputStream in, String end) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    while (!read.toString(StandardCharsets.ISO_8859_1).contains(end)) {
      int next = in.read();
      assertThat(next).as("closed early").isNotNegative();
      read.write(next);
    }
    return read.toString(StandardCharsets.ISO_8859_1);
  }
}
