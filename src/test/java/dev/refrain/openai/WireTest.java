package dev.refrain.openai;

import static dev.refrain.openai.Answers.DONE;
import static dev.refrain.openai.Answers.USAGE;
import static dev.refrain.openai.Answers.chunk;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Frame;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.openai.AnswerScan.WholeProof;
import dev.refrain.openai.completions.Completions;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What servers are known to send, from the bytes to the body that may be kept of it. */
class WireTest {
  private static final int MAX = 16 << 20;
  private static final String ONE = event(chunk("žluť", null));
  private static final String TWO = event(chunk("🐎", "stop"));
  private static final String COST = event("{\"choices\":[],\"usage\":" + USAGE + "}");
  private static final String HUGE = "é".repeat(2 << 20);

  /** What may be kept of a stream. */
  enum Storable {
    BOTH_WAYS,
    AS_STREAM,
    NOT,
    FAILED
  }

  static Stream<Arguments> streams() {
    String good = ONE + TWO + COST + DONE;
    return Stream.of(
        Arguments.of("as documented", good, "žluť🐎", Storable.BOTH_WAYS),
        Arguments.of("CRLF", good.replace("\n", "\r\n"), "žluť🐎", Storable.BOTH_WAYS),
        Arguments.of("CR", good.replace("\n", "\r"), "žluť🐎", Storable.BOTH_WAYS),
        Arguments.of("no space", good.replace("data: ", "data:"), "žluť🐎", Storable.BOTH_WAYS),
        Arguments.of("a mark", "\uFEFF" + good, "žluť🐎", Storable.BOTH_WAYS),
        Arguments.of(
            "pings", ": PING\n\n" + ONE + ":\n\n" + TWO + COST, "žluť🐎", Storable.BOTH_WAYS),
        Arguments.of("no [DONE]", ONE + TWO + COST, "žluť🐎", Storable.BOTH_WAYS),
        Arguments.of("one newline at the end", good.stripTrailing(), "žluť🐎", Storable.BOTH_WAYS),
        Arguments.of("no usage", ONE + TWO + DONE, "žluť🐎", Storable.AS_STREAM),
        Arguments.of(
            "four mebibytes", event(chunk(HUGE, "length")) + COST + DONE, HUGE, Storable.BOTH_WAYS),
        Arguments.of("[DONE] after a time-out", ONE + DONE, "žluť", Storable.NOT),
        Arguments.of("only [DONE]", DONE, "", Storable.NOT),
        Arguments.of("nothing", "", "", Storable.NOT),
        Arguments.of(
            "abort", ONE + event(chunk("x", "abort")) + COST + DONE, "žluťx", Storable.NOT),
        Arguments.of(
            "an error, then [DONE]",
            ONE + TWO + event("{\"error\":{\"message\":\"no\"}}") + DONE,
            "žluť🐎",
            Storable.FAILED),
        Arguments.of(
            "a bare message", ONE + TWO + event("upstream error") + DONE, "žluť🐎", Storable.NOT));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("streams")
  void aStreamInOnePieceIsReadAndJudged(
      String name, String stream, String text, Storable storable) {
    check(stream, stream.length() * 4 + 1, text, storable);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("streams")
  void aStreamByteByByteIsReadAndJudgedTheSame(
      String name, String stream, String text, Storable storable) {
    check(stream, 1, text, storable);
  }

  private static void check(String stream, int piece, String text, Storable storable) {
    List<Frame> frames = frames(stream.getBytes(UTF_8), piece);
    CompletenessCheck check = Completions.LANGUAGE.check(1);
    frames.forEach(check::add);
    assertThat(text(frames)).isEqualTo(text);
    assertThat(check.failed()).isEqualTo(storable == Storable.FAILED);
    assertThat(check.complete())
        .isEqualTo(storable == Storable.BOTH_WAYS || storable == Storable.AS_STREAM);
    if (check.complete()) {
      assertThat(
              Fold.of(Answers.SHAPE, frames)
                  .filter(body -> WholeProof.of(Answers.SHAPE, body, 1).complete())
                  .isPresent())
          .isEqualTo(storable == Storable.BOTH_WAYS);
    }
  }

  /** What a recording sees: no comments, no terminator. */
  private static List<Frame> frames(byte[] stream, int piece) {
    EventSplitter splitter = new EventSplitter(MAX);
    List<Frame> frames = new ArrayList<>();
    for (int from = 0; from < stream.length; from += piece) {
      int to = Math.min(stream.length, from + piece);
      splitter.feed(Buffer.buffer().appendBytes(stream, from, to - from));
      for (Frame frame = splitter.next(); frame != null; frame = splitter.next()) {
        frames.add(frame);
      }
    }
    splitter.last().ifPresent(frames::add);
    frames.removeIf(frame -> frame.isComment() || EventSplitter.isDone(frame));
    return frames;
  }

  private static String text(List<Frame> frames) {
    StringBuilder text = new StringBuilder();
    for (Frame frame : frames) {
      if (frame.text().startsWith("{")) {
        Answers.json(frame.text()).findValues("text").forEach(one -> text.append(one.asText()));
      }
    }
    return text.toString();
  }

  private static String event(String data) {
    return "data: " + data + "\n\n";
  }
}
