package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An upstream that refuses whoever asks what a stream costs. */
class UnknownUsageTest {
  private static final String REFUSAL =
      "{\"error\":{\"message\":\"Unrecognized request argument supplied: stream_options\"}}";
  private static final String ASKS = ",\"stream_options\":{\"include_usage\":true}}";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(UnknownUsageTest::play);

  private static Script play(Received request) {
    return request.json().has("stream_options")
        ? Script.answer(400, REFUSAL, "Content-Type: application/json")
        : Examples.answer(request);
  }

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  @Test
  void aCallerWhoDidNotAskIsNotRefusedAndTheUpstreamIsAskedOnce() {
    try (Proxy proxy = Proxy.before(upstream)) {
      assertWell(proxy.post(Examples.streaming("x")));
      assertThat(upstream.calls()).isEqualTo(2);
      assertWell(proxy.post(Examples.streaming("y")));
      assertThat(upstream.calls()).isEqualTo(3);
    }
  }

  @Test
  void whatIsKeptWithoutItsUsageAnswersStreams() {
    try (Proxy proxy = Proxy.before(upstream)) {
      proxy.post(Examples.streaming("x"));
      assertWell(proxy.post(Examples.streaming("x")));
      assertThat(upstream.calls()).isEqualTo(2);
      assertThat(proxy.post(Examples.asking("x")).body()).isEqualTo(Examples.ANSWER);
      assertThat(upstream.calls()).isEqualTo(3);
    }
  }

  @Test
  void aCallerWhoAsksHearsTheRefusalHowOftenSoever() {
    try (Proxy proxy = Proxy.before(upstream)) {
      proxy.post(Examples.streaming("x"));
      for (int i = 1; i <= 2; i++) {
        HttpResponse<String> answer = proxy.post(Examples.streaming("x").replace("}", ASKS));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo(REFUSAL);
        assertThat(upstream.calls()).isEqualTo(2 + i);
      }
    }
  }

  @Test
  void everyPartOfAStreamIsAnswered() {
    String prompts = Examples.streaming("x").replace("\"x\"", "[\"x\",\"y\"]");
    try (Proxy proxy = Proxy.before(upstream)) {
      HttpResponse<String> answer = proxy.post(prompts);
      assertWell(answer);
      assertThat(Events.of(answer.body()).text(1)).isEqualTo(Examples.TEXT);
    }
  }

  @Test
  void whereKeysAreChargedAStreamThatNobodyKeepsIsAnsweredToo() {
    String keys = "keys: [{name: k, secret: some-secret-of-k}]";
    try (Proxy proxy = Proxy.before(upstream.url(), "apiKey: own", keys)) {
      assertWell(proxy.post(Examples.samplingStream("x"), "api-key", "some-secret-of-k"));
      assertThat(upstream.calls()).isEqualTo(2);
    }
  }

  private static void assertWell(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(200);
    Events events = Events.of(answer.body());
    assertThat(events.text(0)).isEqualTo(Examples.TEXT);
    assertThat(events.properlyEnded()).isTrue();
  }
}
