package dev.refrain.scenario;

import static dev.refrain.testing.Examples.chunk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes where one choice is asked for passes where several are. */
class StrangePartTest {
  private static final String ERROR = "{ \"error\" : {\"message\":\"no capacity\",\"x\":1.50} }";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream.url(), "", "");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  private static String plain(String temperature) {
    return two(Examples.asking("two"), temperature);
  }

  private static String streaming(String temperature) {
    return two(Examples.streaming("two"), temperature);
  }

  private static String two(String body, String temperature) {
    return body.replace("\"temperature\":0", "\"n\":2,\"temperature\":" + temperature);
  }

  @ParameterizedTest
  @CsvSource({"0, NaN", "1, NaN", "0, -Infinity", "1, -Infinity", "1, Infinity"})
  void aLogprobThatIsNoJsonPassesAndIsNotStored(String temperature, String number) {
    String logprobs = "\"logprobs\":{\"token_logprobs\":[" + number + "]}";
    upstream.play(
        request ->
            request.wantsStream()
                ? Script.events()
                    .data(chunk("a", "stop").replace("\"logprobs\":null", logprobs))
                    .done()
                : Script.json(Examples.ANSWER.replace("\"logprobs\": null", logprobs)));

    String plain = proxy.post(plain(temperature)).body();
    String stream = proxy.post(streaming(temperature)).body();
    int calls = upstream.calls();
    proxy.post(plain(temperature));

    assertThat(plain.split(number, -1)).hasSize(3);
    assertThat(plain).contains("\"index\": 1");
    assertThat(stream.split(number, -1)).hasSize(3);
    assertThat(stream).contains("\"index\":1").endsWith("data: [DONE]\n\n");
    assertThat(upstream.calls()).isGreaterThan(calls);
  }

  @ParameterizedTest
  @CsvSource({"0, ping", "1, ping", "0, null", "1, null", "1, ' '", "1, \"x\"", "1, [1]", "1, 7"})
  void anEventThatIsNoObjectPasses(String temperature, String data) {
    upstream.play(Script.events().data(data).data(chunk("a", "stop")).data(data).done());

    String stream = proxy.post(streaming(temperature)).body();

    assertThat(stream).contains("data: " + data).contains("\"index\":1");
    assertThat(stream).endsWith("data: [DONE]\n\n").doesNotContain("error");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1"})
  void anErrorOfStatus200IsTheAnswer(String temperature) {
    upstream.play(Script.answer(200, ERROR, "Content-Type: application/json"));

    for (String body : new String[] {plain(temperature), streaming(temperature)}) {
      HttpResponse<String> answer = proxy.post(body);

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(ERROR);
    }
  }

  @Test
  void anErrorOfStatus200InOnePartOnlyIsTheAnswer() {
    upstream.play(
        request -> Script.json(request.text().contains("second") ? ERROR : Examples.ANSWER));
    String body =
        Examples.sampling("x").replace("\"prompt\":\"x\"", "\"prompt\":[\"first\",\"second\"]");

    assertThat(proxy.post(body).body()).isEqualTo(ERROR);
  }

  @ParameterizedTest
  @CsvSource({"0, true, ''", "1, true, ' '", "0, false, '\t'", "1, false, ''"})
  void aStreamNobodyAskedForBecomesTheDocumentAskedFor(
      String temperature, boolean usage, String before) {
    Script script =
        Script.events()
            .chunk(": ping\n\n")
            .data(before + chunk("a", null))
            .data("ping")
            .data(before + chunk("b", "stop"));
    upstream.play((usage ? script.data(Examples.usage()) : script).done());

    HttpResponse<String> answer = proxy.post(plain(temperature));

    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    var json = Json.read(answer.body());
    assertThat(json.path("choices")).hasSize(2);
    assertThat(json.at("/choices/1/text").asText()).isEqualTo("ab");
    assertThat(json.at("/choices/1/index").asInt()).isEqualTo(1);
    assertThat(json.has("usage")).isEqualTo(usage);
  }

  @Test
  void aStreamNobodyAskedForThatBreaksOffIsAnError() {
    upstream.play(Script.events().data(chunk("a", null)).end());

    assertThat(proxy.post(plain("1")).statusCode()).isEqualTo(502);
  }

  @Test
  void theErrorOfOnePartOfAStreamIsAnEventOfTheWhole() {
    upstream.play(Script.events().data(chunk("a", null)).data(ERROR).done());

    Events events = Events.of(proxy.post(streaming("1")).body());

    assertThat(events.errors()).hasSize(1);
    assertThat(events.errors().get(0).path("message").asText()).isEqualTo("no capacity");
  }
}
