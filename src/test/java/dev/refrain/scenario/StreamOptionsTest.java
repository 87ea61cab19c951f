package dev.refrain.scenario;

import static dev.refrain.testing.Examples.chunk;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one caller says in {@code stream_options} never shows in the stream of another. */
class StreamOptionsTest {
  private static final String NUMBERS = "{\"prompt_tokens\":1,\"completion_tokens\":1}";
  private static final String EACH = "\"usage\":" + NUMBERS + ",";
  private static final String PADDING = "\"obfuscation\":\"aXj3\",";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(StreamOptionsTest::answer);
  private final Proxy proxy = Proxy.before(upstream.url(), "", "");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  /** Answers as vLLM and OpenAI do. */
  private static Script answer(Received request) {
    if (!request.wantsStream()) {
      return Script.json(Examples.ANSWER);
    }
    var options = Json.read(request.text()).path("stream_options");
    boolean usage = options.path("include_usage").asBoolean();
    boolean each = usage && options.path("continuous_usage_stats").asBoolean();
    boolean padded = options.path("include_obfuscation").asBoolean(true);
    String further = (each ? EACH : "") + (padded ? PADDING : "");
    Script script =
        Script.events().data(chunk("a", null, further)).data(chunk("b", "stop", further));
    return (usage ? script.data(Examples.usage()) : script).done();
  }

  private String stream(String options) {
    String body = Examples.streaming("o");
    return proxy
        .post(body.substring(0, body.length() - 1) + ",\"stream_options\":" + options + "}")
        .body();
  }

  private static long usages(String stream) {
    return Events.of(stream).json().stream().filter(one -> one.path("usage").isObject()).count();
  }

  @Test
  void usageInEveryChunkIsOnlyForThoseWhoAskForIt() {
    String continuous = "{\"include_usage\":true,\"continuous_usage_stats\":true}";

    assertThat(usages(stream(continuous))).isEqualTo(3);
    assertThat(usages(stream("{\"include_usage\":true}"))).isEqualTo(1);
    assertThat(usages(stream("null"))).isZero();
    assertThat(usages(stream(continuous))).isEqualTo(3);
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"include_usage\":false,\"continuous_usage_stats\":true}",
        "{\"continuous_usage_stats\":true,\"include_usage\":false}",
        "{\"continuous_usage_stats\":true}",
        "{\"continuous_usage_stats\":false}",
        "{\"include_usage\":false,\"continuous_usage_stats\":\"true\"}",
      })
  void withoutUsageThereIsNoneInAnyChunkAndTheAnswerIsShared(String options) {
    assertThat(stream(options)).doesNotContain("usage");
    assertThat(usages(stream("{\"include_usage\":true}"))).isEqualTo(1);
    assertThat(stream("null")).doesNotContain("usage");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "null | {\"include_obfuscation\":true} | 1",
        "null | {\"include_obfuscation\":null} | 1",
        "{} | {\"include_obfuscation\":false} | 2",
        "null | {\"of_the_future\":1} | 2",
        "{\"of_the_future\":1} | {\"of_the_future\":1.0} | 1",
        "{\"of_the_future\":1} | {\"of_the_future\":2} | 2",
      })
  void whatElseIsAskedOfAStreamDividesTheCache(String one, String other, int calls) {
    stream(one);
    stream(other);
    assertThat(upstream.calls()).isEqualTo(calls);
  }

  // As vLLM, which writes it into the last chunk of a choice where no usage is asked for.
  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "0,\"n\":2", "1,\"n\":2"})
  void whatStandsBesideTheUsageReachesThoseWhoDoNotAskForUsage(String temperature) {
    upstream.play(
        Script.events()
            .data(chunk("a", null))
            .data(chunk("b", "stop"))
            .data(Examples.usage().replaceFirst("\\{", "{\"system_fingerprint\":\"fp\","))
            .done());
    String body =
        Examples.streaming("f").replace("\"temperature\":0", "\"temperature\":" + temperature);
    String keys = "keys: [{name: k, secret: abcdefghijklmnop}]";
    try (Proxy keyed = Proxy.before(upstream.url(), "apiKey: x", keys)) {
      for (int i = 0; i < 2; i++) {
        for (Proxy one : List.of(proxy, keyed)) {
          String stream = one.post(body, "Authorization", "Bearer abcdefghijklmnop").body();
          if (temperature.startsWith("0") || one == keyed) {
            assertThat(stream).contains("\"system_fingerprint\":\"fp\"}\n");
          }
          if (!stream.contains("\"usage\":{")) {
            assertThat(Events.of(stream).json())
                .allSatisfy(event -> assertThat(event.path("choices")).isNotEmpty());
          }
          assertThat(Events.of(stream).text(0)).isEqualTo("ab");
          assertThat(Events.of(stream).properlyEnded()).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0,\"n\":2", "1,\"n\":2", "1,\"n\":3,\"seed\":7"})
  void usageInEveryChunkStaysInThatOfSeveralChoices(String temperature) {
    String body =
        Examples.streaming("c").replace("\"temperature\":0", "\"temperature\":" + temperature);
    String open = body.substring(0, body.length() - 1) + ",\"stream_options\":";
    String continuous = "{\"include_usage\":true,\"continuous_usage_stats\":true}}";
    int choices = temperature.contains("3") ? 3 : 2;

    for (int i = 0; i < 2; i++) {
      List<JsonNode> events = Events.of(proxy.post(open + continuous).body()).json();
      List<JsonNode> chunks =
          events.stream().filter(one -> !one.path("choices").isEmpty()).toList();
      assertThat(chunks).hasSize(2 * choices);
      assertThat(chunks).allMatch(one -> one.path("usage").toString().equals(NUMBERS));
      assertThat(events).hasSize(2 * choices + 1);
      assertThat(events.get(2 * choices).at("/usage/completion_tokens").asInt())
          .isEqualTo(choices * Json.read(Examples.usage()).at("/usage/completion_tokens").asInt());
    }
    assertThat(usages(proxy.post(open + "{\"include_usage\":true}}").body())).isEqualTo(1);
    assertThat(proxy.post(body).body()).doesNotContain("\"usage\":{");
  }

  @Test
  void paddingIsPassedOnAndNotStored() {
    assertThat(stream("null")).contains("obfuscation");
    String again = stream("null");

    assertThat(again).doesNotContain("obfuscation");
    assertThat(Events.of(again).text(0)).isEqualTo("ab");
    assertThat(proxy.post(Examples.asking("o")).body()).doesNotContain("obfuscation");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void paddingThatIsNotWantedIsNotSeen() {
    stream("null");
    assertThat(stream("{\"include_obfuscation\":false}")).doesNotContain("obfuscation");
  }
}
