package dev.refrain.openai;

import static dev.refrain.openai.Answers.chunk;
import static dev.refrain.openai.Answers.frame;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.completion.Frame;
import dev.refrain.completion.Language.Evidence;
import dev.refrain.completion.Tokens;
import dev.refrain.openai.completions.CompletionsLanguage;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamEvidenceTest {
  private static final String USAGE = "{\"choices\":[],\"usage\":" + Answers.USAGE + "}";

  private final Evidence evidence = new CompletionsLanguage().evidence(1);

  @Test
  void aStreamIsCompleteOnceItsChoiceHasEnded() {
    evidence.add(frame(chunk("a", null)));
    assertThat(evidence.complete()).isFalse();
    evidence.add(frame(chunk("", "stop")));
    assertThat(evidence.complete()).isTrue();
    assertThat(evidence.tokens()).isEqualTo(Tokens.UNKNOWN);
    evidence.add(frame(USAGE));
    assertThat(evidence.complete()).isTrue();
    assertThat(evidence.tokens()).isEqualTo(Tokens.of(5, 7));
  }

  @Test
  void everyChoiceMustEndInWhateverOrder() {
    Evidence two = new CompletionsLanguage().evidence(2);
    two.add(frame(chunk("a", "stop").replace("\"index\":0", "\"index\":1")));
    two.add(frame(chunk("a", "stop").replace("\"index\":0", "\"index\":1")));
    assertThat(two.complete()).isFalse();
    two.add(frame(chunk("a", "length")));
    assertThat(two.complete()).isTrue();
  }

  @Test
  void theTerminatorProvesNothingAndBreaksNothing() {
    evidence.add(frame(chunk("a", null)));
    evidence.add(frame("[DONE]"));
    assertThat(evidence.complete()).isFalse();
    assertThat(evidence.failed()).isFalse();
  }

  @Test
  void commentsAreNoEvidence() {
    evidence.add(split(": PING\n\n"));
    evidence.add(frame(chunk("a", "stop")));
    assertThat(evidence.complete()).isTrue();
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
    evidence.add(frame(chunk("a", "stop")));
    evidence.add(split(event));
    assertThat(evidence.failed()).isTrue();
    evidence.add(frame(chunk("a", "stop")));
    assertThat(evidence.complete()).isFalse();
    assertThat(evidence.failed()).isTrue();
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
    evidence.add(frame(chunk("a", "stop")));
    evidence.add(split(event));
    assertThat(evidence.complete()).isFalse();
    assertThat(evidence.failed()).isFalse();
  }

  @Test
  void anEventOfAnotherNameIsNoError() {
    evidence.add(split("event: errors\ndata: " + chunk("error", "stop") + "\n\n"));
    assertThat(evidence.failed()).isFalse();
    assertThat(evidence.complete()).isTrue();
  }

  @Test
  void theLastUsageCounts() {
    evidence.add(frame(USAGE.replace(":7", ":1")));
    evidence.add(frame(USAGE));
    evidence.add(frame("{\"choices\":[],\"usage\":null}"));
    assertThat(evidence.tokens()).isEqualTo(Tokens.of(5, 7));
  }

  @Test
  void halfACharacterIsTextLikeAnyOther() {
    evidence.add(frame(chunk("\\ud83d", null)));
    evidence.add(frame(chunk("\\ude00", "stop")));
    assertThat(evidence.complete()).isTrue();
  }

  @Test
  void textThatLooksLikeAnEndIsText() {
    evidence.add(frame(chunk("\\\"finish_reason\\\":\\\"stop\\\"", null)));
    evidence.add(frame(chunk("{\\\"error\\\":{}}", null)));
    assertThat(evidence.complete()).isFalse();
    assertThat(evidence.failed()).isFalse();
  }

  private static Frame split(String event) {
    EventSplitter splitter = new EventSplitter(1000);
    splitter.feed(Buffer.buffer(event.getBytes(UTF_8)));
    return splitter.next();
  }
}
