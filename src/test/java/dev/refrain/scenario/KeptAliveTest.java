package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** White space by which an upstream keeps a plain call alive. */
class KeptAliveTest {
  private static final List<String> HEAD =
      List.of("Content-Type: application/json", "X-Call: its own", "Transfer-Encoding: chunked");

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Gate gate = new Gate();
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    gate.open();
    proxy.close();
    upstream.close();
  }

  private Script afterSpace(String rest) {
    return Script.silence().head(200, HEAD).chunk("\n\n").pause(gate).chunk(" ").chunk(rest).end();
  }

  @Test
  void itArrivesBeforeTheDocumentAndIsNotStored() throws Exception {
    upstream.play(afterSpace(Examples.ANSWER));
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.asking("a")).answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.until("\n\n")).isEqualTo("\n\n");
      assertThat(answer.head().first("X-Call")).contains("its own");
      assertThat(answer.head().first("Cache-Status")).contains("refrain; fwd=uri-miss");
      gate.open();
      assertThat(answer.text()).isEqualTo(" " + Examples.ANSWER);

      RawClient.Answer hit = client.post(Examples.asking("a")).answer();
      assertThat(hit.text()).isEqualTo(Examples.ANSWER);
      assertThat(upstream.calls()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"temperature\":1", "\"temperature\":0,\"n\":2", "\"temperature\":1,\"n\":2"})
  void itArrivesWhateverBecomesOfTheCall(String how) throws Exception {
    upstream.play(afterSpace(Examples.ANSWER));
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer =
          client.post(Examples.asking("b").replace("\"temperature\":0", how)).answer();
      assertThat(answer.until("\n")).isEqualTo("\n");
      gate.open();
      assertThat(Json.read(answer.text()).path("choices")).isNotEmpty();
    }
  }

  @Test
  void itArrivesAtACallerThatJoinedWithoutTheFieldsOfTheCall() throws Exception {
    Gate joined = new Gate();
    upstream.play(
        Script.silence()
            .head(200, HEAD)
            .chunk("\n")
            .pause(joined)
            .chunk("\n")
            .pause(gate)
            .chunk(Examples.ANSWER)
            .end());
    try (RawClient client = proxy.connect();
        RawClient other = proxy.connect()) {
      RawClient.Answer first = client.post(Examples.asking("c")).answer();
      first.until("\n");
      other.post(Examples.asking("c"));
      await().until(() -> proxy.metric("refrain_collapsed_total") == 1);
      joined.open();
      RawClient.Answer second = other.answer();
      assertThat(second.until("\n")).isEqualTo("\n");
      assertThat(second.head().first("X-Call")).isEmpty();
      assertThat(second.head().first("Cache-Status"))
          .hasValueSatisfying(status -> assertThat(status).contains("collapsed"));
      gate.open();
      assertThat(first.text()).isEqualTo("\n" + Examples.ANSWER);
      assertThat(second.text()).isEqualTo(Examples.ANSWER);
    }
  }

  @Test
  void itArrivesAtACallerOfAnotherReplicaThatFollowsTheCall() throws Exception {
    upstream.play(
        Script.silence().head(200, HEAD).chunk("\n\n").pause(gate).chunk(Examples.ANSWER).end());
    try (RedisFixture redis = new RedisFixture();
        Proxy leader = replica(redis);
        Proxy follower = replica(redis);
        RawClient client = leader.connect();
        RawClient other = follower.connect()) {
      RawClient.Answer first = client.post(Examples.asking("r")).answer();
      first.until("\n");
      RawClient.Answer second = other.post(Examples.asking("r")).answer();
      assertThat(second.status()).isEqualTo(200);
      assertThat(second.until("\n")).isEqualTo("\n");
      assertThat(second.head().first("X-Call")).isEmpty();
      assertThat(upstream.calls()).isEqualTo(1);
      gate.open();
      assertThat(second.text()).isEqualTo(Examples.ANSWER);
      assertThat(other.post(Examples.asking("r")).answer().text()).isEqualTo(Examples.ANSWER);
      assertThat(upstream.calls()).isEqualTo(1);
    }
  }

  private Proxy replica(RedisFixture redis) {
    String cache = "cache: {redis: {timeout: 5s, url: '%s'}}".formatted(redis.url());
    return Proxy.before(upstream.url(), "", cache);
  }

  @Test
  void anErrorBehindItIsTheBody() throws Exception {
    upstream.play(Script.silence().head(200, HEAD).chunk("\n").pause(gate).cut());
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.asking("d")).answer();
      answer.until("\n");
      upstream.play(Script.answer(429, "{\"error\":{\"message\":\"slow down\"}}"));
      gate.open();
      assertThat(Json.read(answer.text()).path("error").path("message").asText())
          .isEqualTo("slow down");
      assertThat(client.post(Examples.asking("d")).answer().status()).isEqualTo(429);
    }
  }

  @Test
  void aFailureBehindItIsTheBodyAndTheConnectionGoesOn() throws Exception {
    upstream.play(Script.silence().head(200, HEAD).chunk("\n").pause(gate).cut());
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.asking("e")).answer();
      answer.until("\n");
      gate.open();
      assertThat(Json.read(answer.text()).path("error").path("message").asText()).isNotEmpty();
      upstream.play(Script.json(Examples.ANSWER));
      assertThat(client.post(Examples.asking("e")).answer().text()).isEqualTo(Examples.ANSWER);
    }
  }

  @Test
  void aCallerOfHttp10GetsTheEndByTheConnection() throws Exception {
    upstream.play(afterSpace(Examples.ANSWER));
    String body = Examples.asking("f");
    try (RawClient client = proxy.connect()) {
      client.send(
          "POST /v1/completions HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body);
      RawClient.Answer answer = client.answer();
      assertThat(answer.until("\n\n")).isEqualTo("\n\n");
      gate.open();
      assertThat(answer.text()).isEqualTo(" " + Examples.ANSWER);
    }
  }

  @Test
  void aLongDocumentFollowsWhole() throws Exception {
    String padded =
        Examples.ANSWER.replaceFirst("\\{", "{\"pad\":\"" + "x".repeat(200_000) + "\",");
    upstream.play(afterSpace(padded));
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.asking("g")).answer();
      answer.until("\n\n");
      gate.open();
      assertThat(answer.text().trim()).isEqualTo(padded);
    }
  }

  @Test
  void whiteSpaceBeforeAnErrorStatusIsPartOfItsBody() {
    upstream.play(
        Script.silence()
            .head(400, HEAD)
            .chunk("\n")
            .chunk("{\"error\":{\"message\":\"no\"}}")
            .end());

    assertThat(proxy.post(Examples.asking("h")).statusCode()).isEqualTo(400);
  }
}
