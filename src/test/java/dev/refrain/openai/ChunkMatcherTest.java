package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Language.ResumeMatcher;
import dev.refrain.openai.completions.Completions;
import dev.refrain.testing.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkMatcherTest {
  private static final Frame USAGE = frame("{\"choices\":[],\"usage\":{\"prompt_tokens\":1}}");

  @Test
  void whatWasToldChunkForChunkIsNotToldAgain() {
    ResumeMatcher resumeMatcher = told(chunk("a"), chunk("b"));

    assertThat(resumeMatcher.next(chunk("a"))).isEmpty();
    assertThat(resumeMatcher.caughtUp()).isFalse();
    assertThat(resumeMatcher.next(chunk("b"))).isEmpty();
    assertThat(resumeMatcher.caughtUp()).isTrue();
    Frame rest = chunk("c");
    assertThat(resumeMatcher.next(rest)).containsSame(rest);
  }

  @Test
  void aChunkThatBeginsInWhatWasToldAndEndsBeyondIsCut() {
    ResumeMatcher resumeMatcher = told(chunk("one "), chunk("two"));

    assertThat(
            resumeMatcher.next(
                frame(
                    "{\"id\":7,\"choices\":[{\"index\":0,\"text\":\"one two"
                        + " \\u0022x\",\"z\":1}]}")))
        .map(Frame::text)
        .contains("{\"id\":7,\"choices\":[{\"index\":0,\"text\":\" \\\"x\",\"z\":1}]}");
    assertThat(resumeMatcher.caughtUp()).isTrue();
  }

  @Test
  void anEndThatWasNotToldIsToldAlone() {
    ResumeMatcher resumeMatcher = told(chunk("a"), chunk("b"));

    assertThat(resumeMatcher.next(last("ab"))).map(Frame::text).contains(last("").text());
  }

  @Test
  void anEndThatWasToldIsNotToldAgain() {
    ResumeMatcher resumeMatcher = told(chunk("a"), last("b"));

    assertThat(resumeMatcher.next(last("ab"))).isEmpty();
    assertThat(resumeMatcher.next(USAGE)).containsSame(USAGE);
  }

  @Test
  void usageIsToldOnceAndNotBeforeItsTime() {
    ResumeMatcher resumeMatcher = told(last("a"), USAGE);

    assertThat(resumeMatcher.next(USAGE)).isEmpty();
    assertThat(resumeMatcher.next(last("a"))).isEmpty();
    assertThat(resumeMatcher.next(USAGE)).isEmpty();
    assertThat(resumeMatcher.caughtUp()).isTrue();
  }

  @Test
  void anotherTextContradicts() {
    assertThatThrownBy(() -> told(chunk("abc")).next(chunk("abd")))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN))
        .hasMessageNotContaining("abd");
  }

  @Test
  void anEarlierEndContradicts() {
    assertThatThrownBy(() -> told(chunk("abc")).next(last("ab"))).isInstanceOf(Failure.class);
  }

  @Test
  void moreTextAfterATerminalEndContradicts() {
    assertThatThrownBy(() -> told(chunk("a"), last("b")).next(chunk("abc")))
        .isInstanceOf(Failure.class);
  }

  @Test
  void whatIsNotJsonCannotBeCompared() {
    assertThatThrownBy(() -> told(frame("what?")).next(chunk("a"))).isInstanceOf(Failure.class);
    assertThatThrownBy(() -> told(chunk("a")).next(frame("what?"))).isInstanceOf(Failure.class);
  }

  @Test
  void listsThatRunBesideTheTextAreNotGuessedApart() {
    Frame both =
        frame(
            "{\"choices\":[{\"index\":0,\"text\":\"ab\",\"logprobs\":{\"tokens\":[\"a\",\"b\"]}}]}");

    assertThatThrownBy(() -> told(chunk("a")).next(both)).isInstanceOf(Failure.class);
    assertThat(told(chunk("ab")).next(both)).isEmpty();
  }

  @Test
  void choicesAreComparedEachForItself() {
    ResumeMatcher resumeMatcher =
        told(chunk("a"), frame("{\"choices\":[{\"index\":1,\"text\":\"x\"}]}"));

    assertThat(
            resumeMatcher.next(
                frame(
                    "{\"choices\":[{\"index\":0,\"text\":\"ab\"},{\"index\":1,\"text\":\"x\"}]}")))
        .map(Frame::text)
        .contains("{\"choices\":[{\"index\":0,\"text\":\"b\"},{\"index\":1,\"text\":\"\"}]}");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void howeverBothAreCutTheReaderGetsTheTextOnce(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      String text = "x\"é😀\n".repeat(1 + random.nextInt(6));
      int end = text.offsetByCodePoints(0, random.nextInt(text.codePointCount(0, text.length())));
      List<Frame> before = cut(text.substring(0, end), random);
      ResumeMatcher resumeMatcher = Completions.LANGUAGE.resumeMatcher(before);
      StringBuilder got = new StringBuilder(text.substring(0, end));
      for (Frame frame : cut(text, random)) {
        resumeMatcher.next(frame).ifPresent(rest -> got.append(textOf(rest)));
      }
      assertThat(got).hasToString(text);
      assertThat(resumeMatcher.caughtUp()).isTrue();
    }
  }

  private static List<Frame> cut(String text, Random random) {
    List<Frame> frames = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int to = Math.min(text.length(), at + 1 + random.nextInt(4));
      // no server cuts a character in two
      to += to < text.length() && Character.isLowSurrogate(text.charAt(to)) ? 1 : 0;
      frames.add(chunk(text.substring(at, to)));
      at = to;
    }
    return frames;
  }

  private static String textOf(Frame frame) {
    return Json.read(frame.text()).at("/choices/0/text").asText();
  }

  private static ResumeMatcher told(Frame... frames) {
    return Completions.LANGUAGE.resumeMatcher(List.of(frames));
  }

  private static Frame chunk(String text) {
    return chunk(text, "null");
  }

  private static Frame last(String text) {
    return chunk(text, "\"stop\"");
  }

  private static Frame chunk(String text, String finish) {
    String quoted = text.replace("\"", "\\\"").replace("\n", "\\n");
    return frame(
        "{\"choices\":[{\"text\":\""
            + quoted
            + "\",\"index\":0,\"logprobs\":null,"
            + "\"finish_reason\":"
            + finish
            + "}]}");
  }

  private static Frame frame(String json) {
    return Frame.of(json.getBytes(StandardCharsets.UTF_8));
  }
}
