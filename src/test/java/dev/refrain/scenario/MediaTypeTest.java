package dev.refrain.scenario;

import static dev.refrain.testing.Examples.chunk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers under another media type than their own. */
class MediaTypeTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream.url(), "", "");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  private static Script under(String type) {
    List<String> head = new ArrayList<>(List.of("Transfer-Encoding: chunked"));
    if (!type.isEmpty()) {
      head.add("Content-Type: " + type);
    }
    return Script.silence().head(200, head);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text/plain", "application/octet-stream", "application/json", "text/html", ""})
  void eventsUnderAnotherTypeArriveOneByOneAndAreStored(String type) throws Exception {
    Gate gate = new Gate();
    upstream.play(
        under(type)
            .data(chunk("first", null))
            .pause(gate)
            .data(chunk(" last", "stop"))
            .data(Examples.usage())
            .done());
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.streaming("t")).answer();

      assertThat(answer.head().first("Content-Type")).hasValue("text/event-stream");
      assertThat(answer.until("\n\n")).contains("first");
      gate.open();
      assertThat(Events.of(answer.text()).properlyEnded()).isTrue();
    }
    HttpResponse<String> again = proxy.post(Examples.streaming("t"));

    assertThat(Events.of(again.body()).text(0)).isEqualTo("first last");
    assertThat(Examples.text(proxy.post(Examples.asking("t")).body())).isEqualTo("first last");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: ",
        "data:",
        "event: x\ndata: ",
        ": PING\n\ndata: ",
        ":\n\ndata: ",
        "id: 1\ndata: ",
        "retry: 5\n\ndata: ",
        "\n\ndata: ",
        "\r\n\r\ndata: ",
        "\uFEFFdata: "
      })
  void eventsAreRecognisedHoweverTheyBeginAndAreCut(String before) {
    String events = before + chunk("cut", "stop") + "\n\ndata: [DONE]\n\n";
    Script script = under("text/plain");
    for (String one : events.split("(?<=[\\x00-\\x7f])")) {
      script = script.chunk(one);
    }
    upstream.play(script.end());

    Events came = Events.of(proxy.post(Examples.samplingStream("cut")).body());

    assertThat(came.text(0)).isEqualTo("cut");
    assertThat(came.properlyEnded()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1"})
  void eventsUnderAnotherTypeAreMergedWithOthers(String temperature) {
    upstream.play(under("text/plain").data(chunk("a", "stop")).done());

    HttpResponse<String> answer =
        proxy.post(
            Examples.streaming("several")
                .replace("\"temperature\":0", "\"n\":2,\"temperature\":" + temperature));

    assertThat(Events.of(answer.body()).text(0)).isEqualTo("a");
    assertThat(Events.of(answer.body()).text(1)).isEqualTo("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/plain | 0 | ''",
        "text/plain | 1 | ' '",
        "application/json | 1 | '\t'",
        "'' | 1 | ''",
        "text/event-stream | 1 | ' '"
      })
  void eventsForAPartOfAPlainRequestAreItsDocument(String type, String temperature, String before) {
    upstream.play(
        under(type)
            .chunk(": ping\n\n")
            .data(before + chunk("a", null))
            .data(before + chunk("b", "stop"))
            .done());

    HttpResponse<String> answer =
        proxy.post(
            Examples.asking("plain")
                .replace("\"temperature\":0", "\"n\":2,\"temperature\":" + temperature));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(Json.read(answer.body()).at("/choices/0/text").asText()).isEqualTo("ab");
    assertThat(Json.read(answer.body()).at("/choices/1/text").asText()).isEqualTo("ab");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/json", ""})
  void anErrorAmongSuchEventsIsThatOfTheWhole(String type) {
    String error = "{\"error\":{\"message\":\"m\",\"code\":400}}";
    upstream.play(under(type).data(chunk("a", null)).data(error).end());

    HttpResponse<String> answer =
        proxy.post(Examples.asking("e").replace("\"temperature\":0", "\"n\":2,\"temperature\":1"));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo(error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "text/event-stream", "text/plain", ""})
  void aDocumentIsOneWhateverItsTypeAndHoweverItWasAskedFor(String type) {
    upstream.play(under(type).chunk(Examples.ANSWER).end());

    for (String body : new String[] {Examples.samplingStream("d"), Examples.sampling("d")}) {
      assertThat(proxy.post(body).body()).isEqualTo(Examples.ANSWER);
    }
  }

  @Test
  void anAnswerThatTellsNothingByItsBytesIsWhatItsTypeSays() {
    upstream.play(Script.answer(200, "<html>maintenance</html>", "Content-Type: text/html"));

    HttpResponse<String> answer = proxy.post(Examples.samplingStream("html"));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("<html>maintenance</html>");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/html");
  }
}
