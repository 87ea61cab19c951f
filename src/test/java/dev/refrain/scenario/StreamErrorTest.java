package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Events;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors that a server reports in a stream it has answered with 200. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EMBEDDINGS")
class StreamErrorTest {
  private static final String TOO_LONG =
      "{\"error\":{\"message\":\"4097 tokens\",\"type\":\"invalid_request_error\","
          + "\"param\":\"prompt\",\"code\":\"context_length_exceeded\"}}";

  private static final Pattern COLLAPSED_TWO =
      Pattern.compile("\nrefrain_collapsed_total(\\{.*})? 2");

  private final Dialect dialect;
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream.url(), "", "");

  StreamErrorTest(Dialect dialect) {
    this.dialect = dialect;
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  private HttpResponse<String> ask(String body) {
    return proxy.postTo(dialect.path(), body);
  }

  /** Errors of the caller's own, and the status that each has. */
  static Stream<Arguments> ofTheCaller() {
    return Stream.of(
        Arguments.of(TOO_LONG, 400),
        Arguments.of("{\"error\":{\"message\":\"m\",\"code\":400}}", 400),
        Arguments.of("{\"error\":{\"message\":\"m\",\"status\":422}}", 422),
        Arguments.of("{\"error\":{\"message\":\"m\",\"type\":\"authentication_error\"}}", 401),
        Arguments.of("{\"object\":\"error\",\"message\":\"m\",\"code\":404}", 404),
        Arguments.of("{\"error\":\"m\",\"error_type\":\"validation\"}", 400));
  }

  @ParameterizedTest
  @MethodSource("ofTheCaller")
  void anErrorOfTheCallersInThePlaceOfAnAnswerHasItsStatusAndIsAskedForOnce(
      String error, int status) {
    upstream.play(Script.events("x-request-id: up", "retry-after: 7").data(error).done());

    for (int i = 1; i <= 12; i++) {
      HttpResponse<String> answer =
          ask(i % 2 == 0 ? dialect.streaming("e") : dialect.samplingStream("e"));

      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(answer.body()).isEqualTo(error);
      assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
      assertThat(answer.headers().firstValue("Retry-After")).hasValue("7");
      assertThat(upstream.calls()).isEqualTo(i);
    }
    upstream.play(Script.events().data(dialect.chunk("fine", "stop")).done());

    assertThat(ask(dialect.streaming("next")).statusCode())
        .as("no breaker has opened")
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1"})
  void anErrorOfTheCallersIsThatOfAllChoices(String temperature) {
    upstream.play(Script.events().data(TOO_LONG).done());

    HttpResponse<String> answer =
        ask(
            dialect
                .streaming("several")
                .replace("\"temperature\":0", "\"n\":3,\"temperature\":" + temperature));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo(TOO_LONG);
  }

  @Test
  void anErrorOfTheCallersIsThatOfAllWhoShareTheCall() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.events().pause(gate).data(TOO_LONG).done());
    try (RawClient first = proxy.connect();
        RawClient second = proxy.connect();
        RawClient plain = proxy.connect()) {
      first.postTo(dialect.path(), dialect.streaming("shared"));
      upstream.awaitCalls(1);
      second.postTo(dialect.path(), dialect.streaming("shared"));
      plain.postTo(dialect.path(), dialect.asking("shared"));
      await().until(() -> COLLAPSED_TWO.matcher(proxy.manage("/metrics").body()).find());
      gate.open();

      for (RawClient client : new RawClient[] {first, second, plain}) {
        RawClient.Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).isEqualTo(TOO_LONG);
      }
      assertThat(upstream.calls()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\":{\"message\":\"m\",\"code\":503}}",
        "{\"error\":{\"message\":\"m\",\"code\":429}}",
        "{\"error\":{\"message\":\"m\",\"type\":\"server_error\"}}",
        "{\"error\":{\"message\":\"says nothing of its kind\"}}"
      })
  void anErrorOfTheServersInThePlaceOfAnAnswerIsWorthAnotherTry(String error) {
    upstream.play(
        request ->
            upstream.calls() == 0
                ? Script.events().data(error).done()
                : Script.events().data(dialect.chunk("at last", "stop")).done());

    Events events = Events.of(ask(dialect.streaming("again")).body());

    assertThat(events.text(0)).isEqualTo("at last");
    assertThat(upstream.calls()).isEqualTo(2);
  }

  /** What stands in a line of the field {@code error}, and what is told of it. */
  static Stream<Arguments> inAField() {
    String flat = "{\"code\":400,\"message\":\"m\",\"type\":\"invalid_request_error\"}";
    return Stream.of("0", "1", "0,\"n\":2", "1,\"n\":2")
        .flatMap(
            how ->
                Stream.of(
                    Arguments.of(how, flat, 400, "{\"error\":" + flat + "}"),
                    Arguments.of(how, TOO_LONG, 400, TOO_LONG),
                    Arguments.of(
                        how, "no \"slot\"", 502, "{\"error\":{\"message\":\"no \\\"slot\\\"\"}}")));
  }

  @ParameterizedTest
  @MethodSource("inAField")
  void anErrorInAFieldOfItsOwnIsTheAnswerOrTheLastEvent(
      String how, String error, int status, String told) {
    String field = "error: " + error + "\n\n";
    String body = dialect.streaming("f").replace("\"temperature\":0", "\"temperature\":" + how);
    upstream.play(Script.events().chunk(field).end());

    HttpResponse<String> first = ask(body);
    assertThat(first.statusCode()).isEqualTo(status);
    assertThat(first.body()).isEqualTo(told);

    upstream.play(Script.events().data(dialect.chunk("a", null)).chunk(field).end());
    for (int i = 0; i < 2; i++) {
      int before = upstream.calls();
      Events events = Events.of(ask(body).body());
      assertThat(events.text(0) + events.text(1)).contains("a");
      assertThat(events.terminators()).isZero();
      assertThat(events.json().get(events.json().size() - 1).toString()).isEqualTo(told);
      assertThat(upstream.calls()).as("not stored").isGreaterThan(before);
    }
  }

  @Test
  void anErrorBehindACommentIsAnEventAndIsAskedForOnce() {
    upstream.play(Script.events().chunk(": PROCESSING\n\n").data(TOO_LONG).done());

    for (int i = 1; i <= 12; i++) {
      HttpResponse<String> answer = ask(dialect.samplingStream("late"));

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).endsWith("data: " + TOO_LONG + "\n\n");
      assertThat(upstream.calls()).as("no breaker has opened").isEqualTo(i);
    }
  }
}
