package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Directives;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeNext;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsageFallbackTest {
  private static final Whole UNKNOWN_FIELD = answer(400, "unknown argument: stream_options");
  private static final Whole GOOD = answer(200, "end");

  private final FakeNext next = new FakeNext();
  private final Servers servers = new Servers();
  private final Upstream server = servers.upstream("a");
  private final UsageFallback question =
      new UsageFallback((request, attempt) -> next.respond(request));

  private InferenceResponse ask(InferenceRequest request) {
    return question.call(request, new Attempt(server, Health.Admission.FREE, 0)).result();
  }

  private InferenceResponse ask() {
    return ask(FakeRequest.shareable(1, Framing.STREAM, true, Directives.NONE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400|Unrecognized request argument supplied: stream_options",
        "422|{\"detail\":[{\"loc\":[\"body\",\"stream_options\"]}]}",
        "400|include_usage is not supported"
      })
  void whoRefusesTheQuestionIsAskedWithoutAndNotThatWayAgain(int status, String says) {
    next.answer(answer(status, says)).answer(GOOD).answer(GOOD);
    assertThat(ask()).isSameAs(GOOD);
    assertThat(ask()).isSameAs(GOOD);
    assertThat(next.requests())
        .extracting(InferenceRequest::usage)
        .containsExactly(true, false, false);
  }

  @ParameterizedTest
  @CsvSource({"400, unknown argument: seed", "401, stream_options", "500, stream_options"})
  void whatIsRefusedForAnotherReasonIsNotAskedAgain(int status, String says) {
    Whole refusal = answer(status, says);
    next.answer(refusal);
    assertThat(ask()).isSameAs(refusal);
    assertThat(next.calls()).isEqualTo(1);
  }

  @Test
  void whatIsRefusedEitherWayWasNotRefusedForTheQuestion() {
    Whole other = answer(400, "prompt too long; you sent stream_options, and more");
    next.answer(other).answer(other).answer(GOOD);
    assertThat(ask()).isSameAs(other);
    assertThat(ask()).isSameAs(GOOD);
    assertThat(next.requests())
        .extracting(InferenceRequest::usage)
        .containsExactly(true, false, true);
  }

  @Test
  void aRefusalIsForgottenAfterAnHour() {
    next.answer(UNKNOWN_FIELD).answer(GOOD).answer(GOOD);
    ask();
    servers.pass(Duration.ofHours(1));
    ask();
    assertThat(next.requests())
        .extracting(InferenceRequest::usage)
        .containsExactly(true, false, true);
  }

  @Test
  void aDocumentIsAskedForAsItIs() {
    next.answer(UNKNOWN_FIELD);
    assertThat(ask(FakeRequest.alone(Framing.WHOLE))).isSameAs(UNKNOWN_FIELD);
    assertThat(next.calls()).isEqualTo(1);
  }

  private static Whole answer(int status, String body) {
    return Whole.notStorable(new Head(status, HttpHeaders.headers()), Buffer.buffer(body));
  }
}
