package dev.refrain.openai;

import static dev.refrain.openai.Answers.USAGE;
import static dev.refrain.openai.Answers.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.inference.Completeness;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Tokens;
import dev.refrain.json.Slice;
import dev.refrain.openai.AnswerScan.WholeProof;
import dev.refrain.sse.EventLines.OneLine;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repetitions are seeds: a failure names the one to run again. */
class UnfoldTest {
  @Test
  void eachChoiceIsAChunkAndUsageOneMore() {
    Buffer body =
        Buffer.buffer(
            "{\"id\":\"c\",\"choices\":[{\"index\":0},{\"index\":1}],\"usage\":{\"a\":1},\"x\":1}");
    assertThat(Unfold.of(Answers.SHAPE, body, true).orElseThrow())
        .extracting(Frame::text)
        .containsExactly(
            "{\"id\":\"c\",\"choices\":[{\"index\":0}],\"x\":1}",
            "{\"id\":\"c\",\"choices\":[{\"index\":1}],\"x\":1}",
            "{\"id\":\"c\",\"choices\":[],\"x\":1,\"usage\":{\"a\":1}}");
    assertThat(Unfold.of(Answers.SHAPE, body, false).orElseThrow()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "{}",
        "{\"choices\":1}",
        "{\"choices\":[],\"choices\":[]}",
        "{\"choices\":[]}x"
      })
  void whatIsNoAnswerHasNoFrames(String body) {
    assertThat(Unfold.of(Answers.SHAPE, Buffer.buffer(body), false)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"choices\":[]}", "{\"choices\":[],\"usage\":null}"})
  void usageIsNotInvented(String body) {
    assertThat(Unfold.of(Answers.SHAPE, Buffer.buffer(body), true)).isEmpty();
    assertThat(Unfold.of(Answers.SHAPE, Buffer.buffer(body), false)).isPresent();
  }

  @RepeatedTest(200)
  void foldUndoesUnfold(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int choices = 1 + random.nextInt(4);
    String body = new RandomAnswer(random).body(choices, USAGE);
    List<Frame> frames = Unfold.of(Answers.SHAPE, Buffer.buffer(body), true).orElseThrow();
    Buffer folded = Fold.of(Answers.SHAPE, frames).orElseThrow();
    assertThat(json(folded)).isEqualTo(json(body));
    assertThat(WholeProof.of(Answers.SHAPE, folded, choices))
        .isEqualTo(new Completeness(true, Tokens.of(5, 7)));
    assertThat(literals(folded.toString())).isEqualTo(literals(body));
    assertEventsAreWellFormed(frames, choices);
  }

  @RepeatedTest(200)
  void unfoldOfAFoldedStreamSaysTheSame(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int choices = 1 + random.nextInt(4);
    List<Frame> stream = stream(random, choices);
    Buffer body = Fold.of(Answers.SHAPE, stream).orElseThrow();
    List<Frame> again = Unfold.of(Answers.SHAPE, body, true).orElseThrow();
    for (int index = 0; index < choices; index++) {
      assertThat(ClientText.of(again, index)).isEqualTo(ClientText.of(stream, index));
    }
    assertEventsAreWellFormed(again, choices);
  }

  private static void assertEventsAreWellFormed(List<Frame> frames, int choices) {
    EventSplitter splitter = new EventSplitter(1 << 20);
    splitter.feed(Answers.events(frames));
    CompletenessCheck check = new StreamEvidence(Answers.SHAPE, choices);
    for (Frame frame : frames) {
      Frame split = splitter.next();
      assertThat(split.text()).isEqualTo(frame.text());
      check.add(split);
    }
    assertThat(splitter.isClean()).isTrue();
    assertThat(check.complete()).isTrue();
    assertThat(check.tokens()).isEqualTo(Tokens.of(5, 7));
  }

  /** Chunks of several choices, interleaved at random, each choice in order. */
  private static List<Frame> stream(Random random, int choices) {
    RandomAnswer answer = new RandomAnswer(random);
    List<Integer> running = new ArrayList<>();
    for (int index = 0; index < choices; index++) {
      running.add(index);
    }
    List<Frame> frames = new ArrayList<>();
    while (!running.isEmpty()) {
      Integer index = running.get(random.nextInt(running.size()));
      boolean end = random.nextInt(4) == 0;
      String reason = end ? RandomAnswer.quote(answer.reason()) : "null";
      String logprobs = random.nextInt(5) == 0 ? "null" : answer.logprobs(random.nextInt(3));
      String chunk = answer.chunk(index, answer.string(), logprobs, reason);
      frames.add(Frame.of(OneLine.of(Slice.of(Buffer.buffer(chunk)))));
      if (end) {
        running.remove(index);
      }
    }
    frames.add(Answers.frame("{\"id\":\"c\",\"choices\":[],\"usage\":" + USAGE + "}"));
    return frames;
  }

  /** Numbers as written, sorted: a value may be equal and yet not be the same text. */
  private static List<String> literals(String json) {
    return java.util.regex.Pattern.compile("(?<=[:,\\[\\s])-?[0-9][0-9.eE+-]*")
        .matcher(json)
        .results()
        .map(java.util.regex.MatchResult::group)
        .sorted()
        .collect(Collectors.toList());
  }

  /** What a client has heard of one choice at the end of a stream. */
  private record ClientText(
      String text, List<List<JsonNode>> logprobs, String reason, JsonNode usage) {
    static ClientText of(List<Frame> frames, int index) {
      StringBuilder text = new StringBuilder();
      List<List<JsonNode>> lists = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      String reason = null;
      JsonNode usage = null;
      for (Frame frame : frames) {
        JsonNode chunk = json(frame.text());
        usage = chunk.hasNonNull("usage") ? chunk.get("usage") : usage;
        for (JsonNode choice : chunk.get("choices")) {
          if (choice.get("index").asInt() != index) {
            continue;
          }
          text.append(choice.get("text").asText());
          choice.at("/logprobs/tokens").forEach(lists.get(0)::add);
          choice.at("/logprobs/token_logprobs").forEach(lists.get(1)::add);
          choice.at("/logprobs/top_logprobs").forEach(lists.get(2)::add);
          reason =
              choice.hasNonNull("finish_reason") ? choice.get("finish_reason").asText() : reason;
        }
      }
      return new ClientText(text.toString(), lists, reason, usage);
    }
  }
}
