package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.sse.ErrorBody;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorBodyTest {
  private static final String NASTY = "n: \"-1\"\n\u2028é\u0000\\ (expected: ≥ 1)";

  @Test
  void aFailureIsToldInTheFourMembersClientsExpect() {
    assertThat(ErrorBody.of(Failure.invalid("n", "0 (expected: 1 to 128)")))
        .hasToString(
            "{\"error\":{\"message\":\"n: 0 (expected: 1 to 128)\","
                + "\"type\":\"invalid_request_error\",\"param\":\"n\",\"code\":\"invalid\"}}");
    assertThat(ErrorBody.of(Failure.of(Failure.Kind.OVERLOADED, "later")))
        .hasToString(
            "{\"error\":{\"message\":\"later\","
                + "\"type\":\"server_error\",\"param\":null,\"code\":\"overloaded\"}}");
  }

  @Test
  void whateverStandsInTheMessageIsEscaped() {
    JsonNode error = Answers.json(ErrorBody.of(Failure.invalid("a\"b", NASTY))).get("error");
    assertThat(error.get("message").asText()).isEqualTo("a\"b: " + NASTY);
    assertThat(error.get("param").asText()).isEqualTo("a\"b");
  }

  @Test
  void theCauseIsNotTold() {
    Failure failure = Failure.from(new IllegalStateException("secret"));
    assertThat(ErrorBody.of(failure).toString()).doesNotContain("secret");
  }

  @Test
  void inAStreamItIsOneEventThatFailsTheEvidence() {
    Frame event = ErrorBody.event(Failure.invalid(null, NASTY));
    EventSplitter splitter = new EventSplitter(1000);
    splitter.feed(Buffer.buffer(event.event()));
    Frame split = splitter.next();
    assertThat(splitter.isClean()).isTrue();
    assertThat(Answers.json(split.text()).at("/error/message").asText()).isEqualTo(NASTY);
    StreamEvidence evidence = new StreamEvidence(Answers.SHAPE, 1);
    evidence.add(split);
    assertThat(evidence.failed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\":{\"message\":\"m\"}}",
        "{\"object\":\"error\",\"message\":\"m\",\"code\":400}"
      })
  void anErrorOfTheUpstreamsIsPassedOnInAStreamThatHasBegun(String body) {
    assertThat(ErrorBody.refused(400, Buffer.buffer(body)).event().text()).isEqualTo(body);
  }
}
