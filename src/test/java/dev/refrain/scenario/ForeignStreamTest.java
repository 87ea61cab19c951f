package dev.refrain.scenario;

import static dev.refrain.testing.Examples.chunk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that end otherwise than OpenAI's, but do end. */
class ForeignStreamTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream.url(), "", "");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"eos_token", "eos", "stop_sequence", "end_turn", "STOP", "abort"})
  void aReasonOfTheServersOwnEndsAStreamThatIsNotStored(String reason) {
    upstream.play(Script.events().data(chunk("a", null)).data(chunk("b", reason)).end());

    for (int i = 1; i <= 2; i++) {
      Events events = Events.of(proxy.post(Examples.streaming("reason")).body());

      assertThat(events.text(0)).isEqualTo("ab");
      assertThat(events.errors()).isEmpty();
      assertThat(events.properlyEnded()).isTrue();
      assertThat(upstream.calls()).isEqualTo(i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1"})
  void aReasonOfTheServersOwnEndsEachChoiceOfSeveral(String temperature) {
    upstream.play(Script.events().data(chunk("a", "eos_token")).end());

    Events events = Events.of(proxy.post(several(temperature)).body());

    assertThat(events.errors()).isEmpty();
    assertThat(events.text(0)).isEqualTo("a");
    assertThat(events.text(1)).isEqualTo("a");
    assertThat(events.properlyEnded()).isTrue();
  }

  private static String several(String temperature) {
    return Examples.streaming("several")
        .replace("\"temperature\":0", "\"n\":2,\"temperature\":" + temperature);
  }

  @Test
  void anEmptyReasonIsNoneAndTheStreamIsStored() {
    upstream.play(
        Script.events()
            .data(chunk("a", ""))
            .data(chunk("b", ""))
            .data(chunk("", "stop"))
            .data(Examples.usage())
            .done());

    assertThat(Events.of(proxy.post(Examples.streaming("empty")).body()).text(0)).isEqualTo("ab");
    assertThat(Events.of(proxy.post(Examples.streaming("empty")).body()).text(0)).isEqualTo("ab");
    String whole = proxy.post(Examples.asking("empty")).body();

    assertThat(Examples.text(whole)).isEqualTo("ab");
    assertThat(Json.read(whole).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void anEmptyReasonEndsNothing() {
    upstream.play(Script.events().data(chunk("a", "")).end());

    assertThat(Events.of(proxy.post(Examples.streaming("none")).body()).errors()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{\"prompt_tokens\":null}", "{\"prompt_tokens\":null,\"tier\":\"x\"}"})
  void aUsageWithoutNumbersIsNoUsage(String usage) {
    String none = Json.read(Examples.usage()).path("usage").toString();
    upstream.play(
        Script.events()
            .data(chunk("a", "stop"))
            .data(Examples.usage().replace(none, usage))
            .done());
    proxy.post(Examples.streaming("usage"));
    upstream.play(Script.json(Examples.ANSWER));

    assertThat(proxy.post(Examples.asking("usage")).body()).isEqualTo(Examples.ANSWER);
    assertThat(upstream.calls()).isEqualTo(2);
  }
}
