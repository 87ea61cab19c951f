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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Event streams as servers really write them, good ones and bad ones. */
class EventStreamTest {
  private static final String TEXT = "Größe 漢字 😀\n";
  private static final String FIRST = chunk("Größe 漢", null);
  private static final String SECOND = chunk("字 😀\n", null);
  private static final String LAST = chunk("", "stop");
  private static final String USAGE = Examples.usage();

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream.url(), "", "limits: {event: 5MiB}");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  /** Ways to write the same three events, their usage and the terminator. */
  static Stream<Arguments> spellings() {
    String plain = events("data: ", "\n\n");
    return Stream.of(
        Arguments.of("one event a chunk", everyChunk(plain.split("(?<=\n\n)"))),
        Arguments.of("all in one chunk", everyChunk(plain)),
        Arguments.of("every byte a write", Script.events().bytewise().chunk(plain).end()),
        Arguments.of("every character a chunk", everyChunk(plain.split("(?<=[\\x00-\\x7f])"))),
        Arguments.of("two events a chunk", everyChunk(plain.split("(?<=\n\n)(?=data: \\[DONE)"))),
        Arguments.of("CRLF", everyChunk(events("data: ", "\r\n\r\n"))),
        Arguments.of(
            "CRLF, every byte a write",
            Script.events().bytewise().chunk(events("data: ", "\r\n\r\n")).end()),
        Arguments.of("a CR and its LF apart", everyChunk(splitCrLf())),
        Arguments.of("no space after the colon", everyChunk(events("data:", "\n\n"))),
        Arguments.of("comments before", everyChunk(events(": PING\n\ndata: ", "\n\n"))),
        Arguments.of("comments inside", everyChunk(events(":\ndata: ", "\n\n"))),
        Arguments.of("other fields", everyChunk(events("event: x\nid: 7\ndata: ", "\n\n"))),
        Arguments.of("more blank lines", everyChunk("\n\n" + events("data: ", "\n\n\n\n"))),
        Arguments.of("a length instead of chunks", withLength(plain)),
        Arguments.of(
            "an end that is the connection's",
            Script.silence()
                .head(200, java.util.List.of("Content-Type: text/event-stream"))
                .raw(plain)
                .hangUp()));
  }

  private static String events(String before, String after) {
    return Stream.of(FIRST, SECOND, LAST, USAGE, "[DONE]")
        .map(data -> before + data + after)
        .reduce("", String::concat);
  }

  private static String[] splitCrLf() {
    return events("data: ", "\r\n\r\n").split("(?<=\r)");
  }

  private static Script everyChunk(String... chunks) {
    Script script = Script.events();
    for (String chunk : chunks) {
      script = script.chunk(chunk);
    }
    return script.end();
  }

  private static Script withLength(String events) {
    return Script.answer(200, events, "Content-Type: text/event-stream");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("spellings")
  void theTextArrivesAndIsKeptHoweverItIsWritten(String how, Script script) {
    upstream.play(script);

    Events first = Events.of(proxy.post(Examples.streaming("s")).body());
    Events again = Events.of(proxy.post(Examples.streaming("s")).body());
    String whole = proxy.post(Examples.asking("s")).body();

    assertThat(first.text(0)).isEqualTo(TEXT);
    assertThat(first.properlyEnded()).isTrue();
    assertThat(first.json()).hasSize(3);
    assertThat(again.text(0)).isEqualTo(TEXT);
    assertThat(again.properlyEnded()).isTrue();
    assertThat(Examples.text(whole)).isEqualTo(TEXT);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("spellings")
  void theUsageArrivesWhereItIsAskedFor(String how, Script script) {
    upstream.play(script);
    String asked =
        Examples.streaming("u").replace("}", ",\"stream_options\":{\"include_usage\":true}}");

    Events first = Events.of(proxy.post(asked).body());
    Events again = Events.of(proxy.post(asked).body());

    assertThat(first.json()).hasSize(4).isEqualTo(again.json());
    assertThat(first.json().get(3)).isEqualTo(Json.read(USAGE));
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void aStreamThatIsNotSharedPassesByteForByte() {
    String events =
        ": PING\r\n\r\ndata:"
            + FIRST
            + "\r\n\r\nevent: x\nid: 1\ndata: { \"choices\" : [ ] , \"x\" : 1.50 }\n\n: \n\ndata: "
            + LAST
            + "\n\n";
    upstream.play(Script.events().bytewise().chunk(events).done());

    assertThat(proxy.post(Examples.samplingStream("bytes")).body())
        .isEqualTo(events + "data: [DONE]\n\n");
  }

  @Test
  void everyEventArrivesBeforeTheNextIsMade() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.events().data(FIRST).pause(gate).data(LAST).done());
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.streaming("live")).answer();

      assertThat(answer.until("\n\n")).contains("Größe");
      gate.open();
      assertThat(Events.of(answer.text()).properlyEnded()).isTrue();
    }
  }

  @Test
  void aCommentArrivesBeforeTheFirstEventIsMade() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.events().chunk(": PING\n\n").pause(gate).data(LAST).done());
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.streaming("ping")).answer();

      assertThat(answer.until("\n\n")).isEqualTo(": PING\n\n");
      gate.open();
      assertThat(Events.of(answer.text()).properlyEnded()).isTrue();
    }
  }

  @Test
  void aStreamThatBreaksBeforeItBeginsIsAnErrorWithAStatus() {
    upstream.play(Script.events().cut());

    HttpResponse<String> answer = proxy.post(Examples.streaming("before"));

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(Json.read(answer.body()).at("/error/code").asText()).isEqualTo("upstream_broken");
  }

  @Test
  void aGiantEventArrivesWhole() {
    String giant = "x".repeat(4 << 20);
    upstream.play(Script.events().data(chunk(giant, "stop")).done());

    assertThat(Events.of(proxy.post(Examples.streaming("giant")).body()).text(0)).isEqualTo(giant);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEventWithoutAnEndIsAnErrorAndNotOurMemorysEnd(boolean shared) throws Exception {
    upstream.play(
        Script.events().data(FIRST).chunk("data: ").chunks(64, i -> "x".repeat(1 << 17)).done());

    failsWithAnErrorEvent(shared ? Examples.streaming("e") : Examples.samplingStream("e"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theTerminatorIsThereThoughTheServerForgotIt(boolean shared) {
    upstream.play(Script.events().data(FIRST).data(SECOND).data(LAST).data(USAGE).end());
    String body = shared ? Examples.streaming("t") : Examples.samplingStream("t");

    assertThat(Events.of(proxy.post(body).body()).properlyEnded()).isTrue();
    assertThat(Events.of(proxy.post(body).body()).properlyEnded()).isTrue();
    assertThat(upstream.calls()).isEqualTo(shared ? 1 : 2);
  }

  @Test
  void whatFollowsTheTerminatorIsNotPassedOn() {
    upstream.play(
        Script.events().data(FIRST).data(LAST).data("[DONE]").chunk("data: {\"x\":1}\n\nx").end());

    String first = proxy.post(Examples.samplingStream("after")).body();
    String second = proxy.post(Examples.streaming("after")).body();

    assertThat(first).endsWith("data: [DONE]\n\n").doesNotContain("\"x\":1");
    assertThat(second).endsWith("data: [DONE]\n\n").doesNotContain("\"x\":1");
  }

  @Test
  void whatIsWrittenAsOneWithTheTerminatorIsNotPassedOnEither() {
    upstream.play(
        Script.events()
            .chunk("data: " + LAST + "\n\ndata: [DONE]\n\ndata: [DONE]\n\ndata: {\"x\":1}\n\n")
            .end());

    Events events = Events.of(proxy.post(Examples.streaming("one")).body());

    assertThat(events.properlyEnded()).isTrue();
    assertThat(events.json()).hasSize(1);
  }

  @Test
  void aTerminatorAloneProvesNothing() {
    upstream.play(Script.events().data(FIRST).done());

    proxy.post(Examples.streaming("alone"));
    Events events = Events.of(proxy.post(Examples.streaming("alone")).body());

    assertThat(events.text(0)).isEqualTo("Größe 漢");
    assertThat(events.terminators()).as("passed as it came").isEqualTo(1);
    assertThat(upstream.calls()).as("never kept").isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"abort", "error", "unheard_of"})
  void aFinishThatIsNoneIsNeverKept(String reason) {
    upstream.play(Script.events().data(FIRST).data(chunk("", reason)).data(USAGE).done());

    proxy.post(Examples.streaming("finish"));
    assertThat(proxy.post(Examples.streaming("finish")).body()).contains(reason);

    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void oneFinishedChoiceOfTwoIsNotTheWhole() throws Exception {
    String two = Examples.streaming("two").replace("}", ",\"n\":2}");
    upstream.play(Script.events().data(FIRST).data(LAST).data(USAGE).done());

    try (Proxy asItCame = Proxy.before(upstream.url(), "fanout: native", "")) {
      asItCame.post(two);
      asItCame.post(two);
    }

    assertThat(upstream.calls()).isEqualTo(2);
  }

  /** Ways in which a stream breaks off after its first event. */
  static Stream<Arguments> cuts() {
    Script begun = Script.events().data(FIRST);
    return Stream.of(
        Arguments.of("a reset", begun.cut()),
        Arguments.of("a hang-up", begun.hangUp()),
        Arguments.of("a hang-up inside an event", begun.chunk("data: {\"choices\":[").hangUp()),
        Arguments.of("a hang-up inside a chunk", begun.raw("ff\r\ndata: {").hangUp()),
        Arguments.of("a finish, then a reset", begun.data(LAST).cut()),
        Arguments.of("a chunk that is none", begun.raw("zz\r\n\r\n")),
        Arguments.of("half an event at the end", begun.chunk("data: {\"choices\":[").end()),
        Arguments.of("no finish and no terminator", begun.end()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cuts")
  void aStreamThatBreaksOffEndsWithAnErrorAndIsNeverKept(String how, Script script)
      throws Exception {
    upstream.play(script);

    failsWithAnErrorEvent(Examples.streaming("cut"));
    failsWithAnErrorEvent(Examples.samplingStream("cut"));
    failsWithAnErrorEvent(Examples.streaming("cut"));

    assertThat(upstream.calls()).isEqualTo(3);
  }

  private void failsWithAnErrorEvent(String body) throws Exception {
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(body).answer();
      String came = answer.whatCame();

      assertThat(answer.status()).isEqualTo(200);
      Events events = Events.of(came);
      assertThat(events.text(0)).startsWith("Größe 漢");
      assertThat(events.terminators()).isZero();
      assertThat(events.errors()).singleElement();
      assertThat(events.errors().get(0).path("message").asText()).isNotBlank();
      assertThat(events.errors().get(0).path("type").asText()).isEqualTo("upstream_error");
      assertThat(came).endsWith("}\n\n");
    }
  }

  /** Error objects as servers send them in the middle of a stream, and what they do then. */
  static Stream<Arguments> errors() {
    String openai =
        "{\"error\":{\"message\":\"overloaded\",\"type\":\"x\",\"param\":null,\"code\":503}}";
    String flat = "{\"error\":\"overloaded\",\"error_type\":\"overloaded\"}";
    Script begun = Script.events().data(FIRST);
    return Stream.of(
        Arguments.of(openai, begun.data(openai).end()),
        Arguments.of(openai, begun.data(openai).done()),
        Arguments.of(openai, begun.data(openai).cut()),
        Arguments.of(openai, begun.data(openai).data(LAST).data(USAGE).done()),
        Arguments.of(flat, begun.data(flat).done()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("errors")
  void anErrorInTheStreamIsPassedOnAsItCameAndEndsIt(String error, Script script) throws Exception {
    upstream.play(script);
    for (String body : new String[] {Examples.streaming("e"), Examples.samplingStream("e")}) {
      try (RawClient client = proxy.connect()) {
        String came = client.post(body).answer().whatCame();

        assertThat(came).endsWith("data: " + error + "\n\n");
        assertThat(Events.of(came).terminators()).isZero();
        assertThat(Events.of(came).errors()).hasSize(1);
      }
    }
    proxy.connect().post(Examples.streaming("e")).answer().whatCame();

    assertThat(upstream.calls()).as("never kept").isEqualTo(3);
  }

  @Test
  void aFailureOfOneStreamLeavesTheNextAlone() throws Exception {
    upstream.play(Script.events().data(FIRST).cut());
    failsWithAnErrorEvent(Examples.streaming("next"));
    upstream.play(Script.events().data(FIRST).data(SECOND).data(LAST).data(USAGE).done());

    assertThat(Events.of(proxy.post(Examples.streaming("next")).body()).text(0)).isEqualTo(TEXT);
  }

  @Test
  void unknownFieldsSurviveKeepingAndBothFramings() {
    String further = "\"system_fingerprint\":\"fp_1\",\"kv\":{\"a\":[1.50,9007199254740993]},";
    upstream.play(
        Script.events()
            .data(chunk("a", null, further))
            .data(chunk("b", "stop", further))
            .data(USAGE)
            .done());
    String first = proxy.post(Examples.streaming("fields")).body();

    assertThat(proxy.post(Examples.streaming("fields")).body()).isEqualTo(first);
    String whole = proxy.post(Examples.asking("fields")).body();
    assertThat(Examples.text(whole)).isEqualTo("ab");
    assertThat(Json.read(whole).path("system_fingerprint").asText()).isEqualTo("fp_1");
    assertThat(whole).contains("9007199254740993").contains("1.50");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void whereTheServerGaveNoUsageADocumentIsNotInventedFromAStream() {
    upstream.play(Script.events().data(FIRST).data(SECOND).data(LAST).done());
    proxy.post(Examples.streaming("no usage"));
    assertThat(Events.of(proxy.post(Examples.streaming("no usage")).body()).text(0))
        .isEqualTo(TEXT);
    assertThat(upstream.calls()).isEqualTo(1);
    upstream.play(Script.json(Examples.ANSWER));

    assertThat(proxy.post(Examples.asking("no usage")).body()).isEqualTo(Examples.ANSWER);
    assertThat(upstream.calls()).isEqualTo(2);
  }
}
