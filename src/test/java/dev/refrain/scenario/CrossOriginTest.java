package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A page that calls the API from a browser may read what Refrain answers as it may read the
 * upstream. The upstream here lets every origin ask, and tells each its own name, as servers do.
 */
class CrossOriginTest {
  private static final String ALLOW = "Access-Control-Allow-Origin";
  private static final String ONE = "https://one.example";
  private static final String TWO = "https://two.example";
  private static final String KEY = "Bearer k";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(CrossOriginTest::answer);
  private Proxy proxy = Proxy.before(upstream);

  private static Script answer(Received request) {
    String origin = request.head().first("Origin").orElse("");
    List<String> lines = List.of("Access-Control-Allow-Origin: " + origin, "Vary: Origin");
    if (request.head().method().equals("OPTIONS")) {
      return Script.answer(
          200,
          "",
          lines.get(0),
          lines.get(1),
          "Access-Control-Allow-Headers: authorization, content-type",
          "Access-Control-Allow-Methods: POST");
    }
    return origin.isEmpty()
        ? Script.json(Examples.ANSWER)
        : Script.answer(
            200, Examples.ANSWER, "Content-Type: application/json", lines.get(0), lines.get(1));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void theBrowsersQuestionIsAnsweredByTheUpstream() throws IOException {
    try (RawClient browser = proxy.connect()) {
      browser.send(
          "OPTIONS /v1/completions HTTP/1.1\r\nHost: proxy\r\nOrigin: "
              + ONE
              + "\r\nAccess-Control-Request-Method: POST\r\n"
              + "Access-Control-Request-Headers: authorization,content-type\r\n\r\n");
      RawClient.Answer answer = browser.answer();

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.head().all(ALLOW)).containsExactly(ONE);
      assertThat(answer.head().first("Access-Control-Allow-Headers"))
          .contains("authorization, content-type");
    }
  }

  @Test
  void whatTheUpstreamSaysToItsCallerStandsAlone() {
    assertThat(ask("live", "Origin", ONE).headers().allValues(ALLOW)).containsExactly(ONE);
  }

  @Test
  void aKeptAnswerIsForWhoeverAsksAndNotForWhoAskedFirst() {
    ask("kept", "Origin", ONE);
    HttpResponse<String> two = ask("kept", "Origin", TWO);
    HttpResponse<String> noPage = ask("kept");

    assertThat(two.headers().firstValue("Age")).as("from the cache").isPresent();
    assertThat(two.headers().allValues(ALLOW)).containsExactly(TWO);
    assertThat(two.headers().allValues("Vary")).containsExactly("origin");
    assertThat(two.headers().allValues("Access-Control-Expose-Headers")).containsExactly("*");
    assertThat(noPage.headers().allValues(ALLOW)).isEmpty();
  }

  @Test
  void anAnswerThatAProgramAskedForFirstCanBeReadByAPage() {
    ask("program");

    assertThat(ask("program", "Origin", ONE).headers().allValues(ALLOW)).containsExactly(ONE);
  }

  @Test
  void aSharedAnswerIsForWhoeverAsksAndNotForWhoAskedFirst() throws Exception {
    Gate gate = new Gate();
    upstream.play(request -> Script.silence().pause(gate).then(answer(request)));
    try (RawClient one = proxy.connect();
        RawClient two = proxy.connect()) {
      one.post(Examples.asking("shared"), "Authorization: " + KEY, "Origin: " + ONE);
      upstream.awaitCalls(1);
      two.post(Examples.asking("shared"), "Authorization: " + KEY, "Origin: " + TWO);
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> proxy.metric("refrain_collapsed_total") == 1);
      gate.open();

      assertThat(one.answer().head().all(ALLOW)).containsExactly(ONE);
      assertThat(two.answer().head().all(ALLOW)).containsExactly(TWO);
    }
  }

  @Test
  void aRefusalOfOursCanBeReadToo() {
    HttpResponse<String> refused = proxy.post("{", "Origin", ONE, "Authorization", KEY);

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.headers().allValues(ALLOW)).containsExactly(ONE);
  }

  @Test
  void whereAPageMaySendUnaskedNobodySaidThatItMayRead() throws IOException {
    try (RawClient page = proxy.connect()) {
      page.send(
          "POST /v1/completions HTTP/1.1\r\nHost: proxy\r\nContent-Type: text/plain\r\nOrigin: "
              + ONE
              + "\r\nContent-Length: 1\r\n\r\n{");
      RawClient.Answer answer = page.answer();

      assertThat(answer.status()).isEqualTo(415);
      assertThat(answer.head().has(ALLOW)).isFalse();
    }
  }

  @Test
  void whereAProxyBeforeAddsItNothingIsAdded() {
    proxy.close();
    proxy = Proxy.before(upstream.url(), "", "", "cors: false");
    ask("off");

    assertThat(ask("off", "Origin", ONE).headers().allValues(ALLOW)).isEmpty();
  }

  private HttpResponse<String> ask(String prompt, String... headers) {
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 0, headers.length);
    all[headers.length] = "Authorization";
    all[headers.length + 1] = KEY;
    return proxy.post(Examples.asking(prompt), all);
  }
}
