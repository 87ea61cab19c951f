package dev.refrain.openai.completions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Language.Retelling;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetoldTest {
  private static final Frame USAGE = frame("{\"choices\":[],\"usage\":{\"prompt_tokens\":1}}");

  @Test
  void whatWasToldChunkForChunkIsNotToldAgain() {
    Retelling retelling = told(chunk("a"), chunk("b"));

    assertThat(retelling.next(chunk("a"))).isEmpty();
    assertThat(retelling.caughtUp()).isFalse();
    assertThat(retelling.next(chunk("b"))).isEmpty();
    assertThat(retelling.caughtUp()).isTrue();
    Frame rest = chunk("c");
    assertThat(retelling.next(rest)).containsSame(rest);
  }

  @Test
  void aChunkThatBeginsInWhatWasToldAndEndsBeyondIsCut() {
    Retelling retelling = told(chunk("one "), chunk("two"));

    assertThat(
            retelling.next(
                frame(
                    "{\"id\":7,\"choices\":[{\"index\":0,\"text\":\"one two"
                        + " \\u0022x\",\"z\":1}]}")))
        .map(Frame::text)
        .contains("{\"id\":7,\"choices\":[{\"index\":0,\"text\":\" \\\"x\",\"z\":1}]}");
    assertThat(retelling.caughtUp()).isTrue();
  }

  @Test
  void anEndThatWasNotToldIsToldAlone() {
    Retelling retelling = told(chunk("a"), chunk("b"));

    assertThat(retelling.next(last("ab"))).map(Frame::text).contains(last("").text());
  }

  @Test
  void anEndThatWasToldIsNotToldAgain() {
    Retelling retelling = told(chunk("a"), last("b"));

    assertThat(retelling.next(last("ab"))).isEmpty();
    assertThat(retelling.next(USAGE)).containsSame(USAGE);
  }

  @Test
  void usageIsToldOnceAndNotBeforeItsTime() {
    Retelling retelling = told(last("a"), USAGE);

    assertThat(retelling.next(USAGE)).isEmpty();
    assertThat(retelling.next(last("a"))).isEmpty();
    assertThat(retelling.next(USAGE)).isEmpty();
    assertThat(retelling.caughtUp()).isTrue();
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
    Retelling retelling = told(chunk("a"), frame("{\"choices\":[{\"index\":1,\"text\":\"x\"}]}"));

    assertThat(
            retelling.next(
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
      Retelling retelling = new Retold(before);
      StringBuilder got = new StringBuilder(text.substring(0, end));
      for (Frame frame : cut(text, random)) {
        retelling.next(frame).ifPresent(rest -> got.append(textOf(rest)));
      }
      assertThat(got).hasToString(text);
      assertThat(retelling.caughtUp()).isTrue();
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
    try {
      return Piece.of(frame).get(0).piece().text();
    } catch (java.io.IOException notOne) {
      throw new AssertionError(notOne);
    }
  }

  private static Retelling told(Frame... frames) {
    return new CompletionsLanguage().retelling(List.of(frames));
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
