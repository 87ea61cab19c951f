package dev.refrain.openai;

import static dev.refrain.openai.Answers.chunk;
import static dev.refrain.openai.Answers.frame;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Frame;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Tokens;
import dev.refrain.openai.completions.Completions;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamEvidenceTest {
  private static final String USAGE = "{\"choices\":[],\"usage\":" + Answers.USAGE + "}";

  private final CompletenessCheck check = Completions.LANGUAGE.check(1);

  @Test
  void aStreamIsCompleteOnceItsChoiceHasEnded() {
    check.add(frame(chunk("a", null)));
    assertThat(check.complete()).isFalse();
    check.add(frame(chunk("", "stop")));
    assertThat(check.complete()).isTrue();
    assertThat(check.tokens()).isEqualTo(Tokens.UNKNOWN);
    check.add(frame(USAGE));
    assertThat(check.complete()).isTrue();
    assertThat(check.tokens()).isEqualTo(Tokens.of(5, 7));
  }

  @Test
  void everyChoiceMustEndInWhateverOrder() {
    CompletenessCheck two = Completions.LANGUAGE.check(2);
    two.add(frame(chunk("a", "stop").replace("\"index\":0", "\"index\":1")));
    two.add(frame(chunk("a", "stop").replace("\"index\":0", "\"index\":1")));
    assertThat(two.complete()).isFalse();
    two.add(frame(chunk("a", "length")));
    assertThat(two.complete()).isTrue();
  }

  @Test
  void theTerminatorProvesNothingAndBreaksNothing() {
    check.add(frame(chunk("a", null)));
    check.add(frame("[DONE]"));
    assertThat(check.complete()).isFalse();
    assertThat(check.failed()).isFalse();
  }

  @Test
  void commentsAreNoEvidence() {
    check.add(split(": PING\n\n"));
    check.add(frame(chunk("a", "stop")));
    assertThat(check.complete()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"error\":{\"message\":\"no\"}}\n\n",
        "data: {\"error\":\"no\",\"error_type\":\"overloaded\"}\n\n",
        "data: {\"object\":\"error\",\"message\":\"no\"}\n\n",
        "event: error\ndata: {\"choices\":[]}\n\n",
        "data: {\"choices\":[]}\nevent: error\n\n",
        "event:error\r\ndata:{\"choices\":[]}\r\n\r\n",
        "event: error\n\n"
      })
  void anErrorFailsTheStreamForGood(String event) {
    check.add(frame(chunk("a", "stop")));
    check.add(split(event));
    assertThat(check.failed()).isTrue();
    check.add(frame(chunk("a", "stop")));
    assertThat(check.complete()).isFalse();
    assertThat(check.failed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"detail\":\"Not Found\"}\n\n",
        "data: {\"choices\":[{\"index\":0,\"finish_reason\":\"abort\"}]}\n\n",
        "data: {\"choices\":[{\"index\":1,\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[3]}\n\n",
        "data: {\"choices\":[\n\n",
        "data: {\"choices\":[]}]\n\n",
        "data: upstream timed out\n\n",
        "data: 5\n\n",
        "data: []\n\n"
      })
  void whatNobodyAskedForIsNotKeptYetIsNoError(String event) {
    check.add(frame(chunk("a", "stop")));
    check.add(split(event));
    assertThat(check.complete()).isFalse();
    assertThat(check.failed()).isFalse();
  }

  @Test
  void anEventOfAnotherNameIsNoError() {
    check.add(split("event: errors\ndata: " + chunk("error", "stop") + "\n\n"));
    assertThat(check.failed()).isFalse();
    assertThat(check.complete()).isTrue();
  }

  @Test
  void theLastUsageCounts() {
    check.add(frame(USAGE.replace(":7", ":1")));
    check.add(frame(USAGE));
    check.add(frame("{\"choices\":[],\"usage\":null}"));
    assertThat(check.tokens()).isEqualTo(Tokens.of(5, 7));
  }

  @Test
  void halfACharacterIsTextLikeAnyOther() {
    check.add(frame(chunk("\\ud83d", null)));
    check.add(frame(chunk("\\ude00", "stop")));
    assertThat(check.complete()).isTrue();
  }

  @Test
  void textThatLooksLikeAnEndIsText() {
    check.add(frame(chunk("\\\"finish_reason\\\":\\\"stop\\\"", null)));
    check.add(frame(chunk("{\\\"error\\\":{}}", null)));
    assertThat(check.complete()).isFalse();
    assertThat(check.failed()).isFalse();
  }

  private static Frame split(String event) {
    EventSplitter splitter = new EventSplitter(1000);
    splitter.feed(Buffer.buffer(event.getBytes(UTF_8)));
    return splitter.next();
  }
}
