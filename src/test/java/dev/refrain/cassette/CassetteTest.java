package dev.refrain.cassette;

import static java.util.Comparator.comparingInt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.Api;
import dev.refrain.inference.Tokens;
import dev.refrain.openai.CanonicalBody;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CassetteTest {
  private final RequestForms forms = new RequestForms(new CanonicalBody(Api.ENDPOINTS));

  @Test
  void equalRequestsGetTheirSamplesInOrderAndThenNone() {
    RecordedRequest request = chat("\"x\"");
    Cassette cassette =
        new Cassette(
            List.of(
                new Exchange(request, 1, answer("a")),
                new Exchange(request, 2, answer("b")),
                new Exchange(chat("\"y\""), 1, answer("c"))));

    assertThat(text(cassette.next(request).orElseThrow())).isEqualTo("a");
    assertThat(text(cassette.next(request).orElseThrow())).isEqualTo("b");
    assertThat(cassette.next(request)).isEmpty();
    assertThat(text(cassette.last(request).orElseThrow())).isEqualTo("b");
    assertThat(cassette.unused()).isEqualTo(1);
    assertThat(cassette.next(chat("\"z\""))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"secret\"}]}"
            + " | messages[0].content",
        "{\"model\":\"m2\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"temperature\":0}"
            + " | model, temperature",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"user\"}]}"
            + " | messages[1]",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"name\":\"n\"}]}"
            + " | messages[0].name",
      })
  void theNearestRecordingNamesTheFieldsThatDiffer(String body, String fields) {
    Cassette cassette =
        new Cassette(
            List.of(
                new Exchange(other("/v1/embeddings", body), 1, answer("")),
                new Exchange(chat("\"far away\",\"top_p\":0.1,\"seed\":7"), 1, answer("")),
                new Exchange(chat("\"x\""), 1, answer(""))));

    Cassette.Nearest nearest = cassette.nearest(other("/v1/chat/completions", body)).orElseThrow();

    assertThat(nearest.exchange().request()).isEqualTo(chat("\"x\""));
    assertThat(String.join(", ", nearest.fields())).isEqualTo(fields);
  }

  @Test
  void methodAndQueryDifferByName() {
    Cassette cassette =
        new Cassette(List.of(new Exchange(forms.of("GET", "/f?a=1", null, none()), 1, answer(""))));

    assertThat(cassette.nearest(forms.of("PUT", "/f?a=2", null, none())).orElseThrow().fields())
        .containsExactly("method", "query");
    assertThat(cassette.nearest(other("/f?a=1", "[1]")).orElseThrow().fields())
        .containsExactly("method", "body");
    assertThat(cassette.nearest(forms.of("GET", "/g", null, none()))).isEmpty();
  }

  @Test
  void aNameInTheMessageIsShortAndPrintable() {
    Cassette cassette =
        new Cassette(List.of(new Exchange(other("/x", "{\"a\":1}"), 1, answer(""))));
    String name = "\\n" + "n".repeat(100);

    assertThat(cassette.nearest(other("/x", "{\"a\":1,\"" + name + "\":1}")).orElseThrow().fields())
        .containsExactly("_" + "n".repeat(63));
  }

  @Test
  void samplesAreNumberedAsTheyCameAndTogetherByTheirAnswers() {
    RecordedRequest request = chat("\"x\"");
    List<SampleOrder.Observed> observed =
        new ArrayList<>(
            List.of(
                new SampleOrder.Observed(request, answer("z"), 0, 10),
                // these two were under way together
                new SampleOrder.Observed(request, answer("y"), 20, 40),
                new SampleOrder.Observed(request, answer("x"), 30, 50),
                new SampleOrder.Observed(request, answer("a"), 60, 70)));
    for (int seed = 0; seed < 20; seed++) {
      Collections.shuffle(observed, new Random(seed));
      List<Exchange> numbered = new ArrayList<>(SampleOrder.number(observed, any -> 2));
      numbered.sort(comparingInt(Exchange::sample));

      assertThat(numbered.stream().map(CassetteTest::text)).containsExactly("z", "x", "y", "a");
      assertThat(numbered.stream().map(Exchange::sample)).containsExactly(3, 4, 5, 6);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/json | {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}} | 3 | 4",
        "application/json | {\"usage\":{\"input_tokens\":3,\"output_tokens\":4}} | 3 | 4",
        "application/json | {\"usage\":{\"prompt_tokens\":3}} | 3 | 0",
        "text/event-stream | data: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}~~data:"
            + " {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}~~data: [DONE]~~| 3 | 4",
        "text/event-stream | event: response.completed~data: {\"response\":{\"usage\":"
            + "{\"input_tokens\":3,\"output_tokens\":4}}}~~ | 3 | 4",
      })
  void anAnswerSaysWhatItCost(String type, String body, long prompt, long completion) {
    assertThat(Usage.of(answer(type, body.replace('~', '\n'))))
        .isEqualTo(Tokens.of(prompt, completion));
  }

  @ParameterizedTest
  @CsvSource({"application/json,x", "application/json,{}", "text/event-stream,data: [DONE]"})
  void anAnswerThatDoesNotSayItIsUnknown(String type, String body) {
    assertThat(Usage.of(answer(type, body)).known()).isFalse();
  }

  private RecordedRequest chat(String content) {
    return other(
        "/v1/chat/completions",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":" + content + "}]}");
  }

  private RecordedRequest other(String path, String body) {
    return forms.of("POST", path, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] none() {
    return new byte[0];
  }

  private static RecordedAnswer answer(String body) {
    return answer("text/plain", body);
  }

  private static RecordedAnswer answer(String type, String body) {
    return RecordedAnswer.of(
        200,
        HttpHeaders.headers().add("content-type", type),
        body.getBytes(StandardCharsets.UTF_8),
        false,
        List.of());
  }

  private static String text(Exchange exchange) {
    return new String(exchange.answer().body(), StandardCharsets.UTF_8);
  }
}
