package dev.refrain.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventSplitterTest {
  private static final int MAX = 8 << 20;

  private final EventSplitter splitter = new EventSplitter(MAX);

  @ParameterizedTest
  @ValueSource(strings = {"data: x\n\n", "data: x\r\n\r\n", "data: x\r\r", "data:x\n\n"})
  void lineEndsAndTheSpaceAfterTheColonMakeNoDifference(String event) {
    Frame frame = only(event + "data: y\n\n");
    assertThat(frame.text()).isEqualTo("x");
    assertThat(wire(frame)).isEqualTo(event);
  }

  @Test
  void onlyOneSpaceAfterTheColonIsTakenAway() {
    assertThat(only("data:  x \n\n").text()).isEqualTo(" x ");
  }

  @Test
  void aCommentIsAFrameWithoutData() {
    Frame frame = only(": keep-alive\n\n");
    assertThat(frame.isComment()).isTrue();
    assertThat(wire(frame)).isEqualTo(": keep-alive\n\n");
  }

  @Test
  void aCommentBeforeDataBelongsToTheSameEvent() {
    Frame frame = only(": PING\ndata: x\n\n");
    assertThat(frame.text()).isEqualTo("x");
    assertThat(wire(frame)).isEqualTo(": PING\ndata: x\n\n");
  }

  @Test
  void otherFieldsAreKeptAndAreNotData() {
    String event = "event: a\nid: 1\nretry: soon\ndata: x\ndatabase: y\n\n";
    Frame frame = only(event);
    assertThat(frame.text()).isEqualTo("x");
    assertThat(wire(frame)).isEqualTo(event);
  }

  @Test
  void severalDataLinesAreJoinedByALineFeed() {
    Frame frame = only("data: {\r\ndata\rdata:}\n\n");
    assertThat(frame.text()).isEqualTo("{\n\n}");
    assertThat(wire(frame)).isEqualTo("data: {\r\ndata\rdata:}\n\n");
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheFirstEvent() {
    byte[] stream = "\uFEFFdata: x\n\ndata: y\n\n".getBytes(UTF_8);
    List<Frame> frames = split(stream, 1);
    assertThat(frames).extracting(Frame::text).containsExactly("x", "y");
    assertThat(wire(frames.get(0))).isEqualTo("data: x\n\n");
  }

  @Test
  void aByteOrderMarkLaterIsNotOne() {
    assertThat(split("data: x\n\n\uFEFFdata: y\n\n".getBytes(UTF_8), 3))
        .extracting(Frame::text)
        .containsExactly("x", "");
  }

  @Test
  void charactersMayBeCutByTheNetwork() {
    assertThat(split("data: {\"text\":\"žluťoučký 🐎\"}\n\n".getBytes(UTF_8), 1))
        .extracting(Frame::text)
        .containsExactly("{\"text\":\"žluťoučký 🐎\"}");
  }

  @Test
  void aReaderMayStopInTheMiddleOfAChunkAndMoreMayCome() {
    feed("data: a\n\ndata: b\n\nda");
    assertThat(splitter.next().text()).isEqualTo("a");
    feed("ta: c\n\n");
    assertThat(splitter.next().text()).isEqualTo("b");
    assertThat(splitter.next().text()).isEqualTo("c");
    assertThat(splitter.next()).isNull();
  }

  @Test
  void anEventThatEndsInCarriageReturnsIsNotHeldBack() {
    feed("data: x\r\r");
    assertThat(splitter.next().text()).isEqualTo("x");
  }

  @Test
  void aLineFeedThatFollowsAfterAllIsNoEvent() {
    feed("data: x\r\r");
    splitter.next();
    feed("\ndata: y\n\n");
    assertThat(splitter.next().text()).isEqualTo("y");
  }

  @Test
  void aChunkMayEndBetweenCarriageReturnAndLineFeed() {
    feed("data: x\r\n\r");
    assertThat(splitter.next()).isNull();
    feed("\n");
    assertThat(wire(splitter.next())).isEqualTo("data: x\r\n\r\n");
  }

  @RepeatedTest(200)
  void anyStreamSplitAnywhereGivesTheEventsItWasMadeOf(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<String> events = new ArrayList<>();
    List<String> data = new ArrayList<>();
    for (int i = random.nextInt(12); i >= 0; i--) {
      RandomEvent.add(random, events, data);
    }
    byte[] stream = String.join("", events).getBytes(UTF_8);
    List<Frame> frames = new ArrayList<>();
    for (int from = 0, to; from < stream.length; from = to) {
      to = Math.min(stream.length, from + 1 + random.nextInt(1 + random.nextInt(300)));
      splitter.feed(Buffer.buffer(stream).slice(from, to));
      if (random.nextInt(3) > 0) {
        drain(frames);
      }
    }
    drain(frames);
    splitter.last().ifPresent(frames::add);
    assertThat(frames).extracting(EventSplitterTest::wire).isEqualTo(events);
    assertThat(frames).extracting(Frame::text).isEqualTo(data);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 65536})
  void anEventOfFourMebibytesIsOneFrame(int piece) {
    String text = "{\"text\":\"" + "é".repeat(2 << 20) + "\"}";
    byte[] stream = ("data: a\n\ndata: " + text + "\n\ndata: b\n\n").getBytes(UTF_8);
    assertThat(split(stream, piece)).extracting(Frame::text).containsExactly("a", text, "b");
  }

  @Test
  void anEventOverTheBoundIsAFailureBeforeItHasEnded() {
    EventSplitter small = new EventSplitter(100);
    small.feed(Buffer.buffer("data: " + "x".repeat(94)));
    assertThat(small.next()).isNull();
    small.feed(Buffer.buffer("x"));
    Failure failure = catchThrowableOfType(Failure.class, small::next);
    assertThat(failure.kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
    assertThat(failure).hasMessage("event: over 100 bytes (expected: fewer)");
  }

  @Test
  void anEndlessEventOfManyLinesIsBoundedToo() {
    EventSplitter small = new EventSplitter(100);
    small.feed(Buffer.buffer(": x\n".repeat(26)));
    assertThat(catchThrowableOfType(Failure.class, small::next)).isNotNull();
  }

  @Test
  void manySmallEventsMayTogetherBeOverTheBound() {
    EventSplitter small = new EventSplitter(20);
    small.feed(Buffer.buffer("data: x\n\n".repeat(1000)));
    int frames = 0;
    while (small.next() != null) {
      frames++;
    }
    assertThat(frames).isEqualTo(1000);
  }

  @ParameterizedTest
  @CsvSource({
    "[DONE],true",
    "' [DONE] ',true",
    "[DONE]x,false",
    "[],false",
    "[,false",
    "{},false",
    "'',false"
  })
  void theTerminatorIsRecognised(String data, boolean done) {
    assertThat(EventSplitter.isDone(Frame.of(data.getBytes(UTF_8)))).isEqualTo(done);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"a\":1}\n",
        "data: {\"a\":1}",
        "data: {\"a\":1}\r\n",
        "data: {\"a\":1}\r",
        "data: {\"a\":1}\r\n\r",
        "data: {\"a\":\ndata: 1}"
      })
  void aLastEventThatIsWholeInItselfCountsWithoutItsBlankLine(String rest) {
    feed("data: {}\n\n" + rest);
    splitter.next();
    assertThat(splitter.next()).isNull();
    assertThat(splitter.isClean()).isFalse();
    Frame last = splitter.last().orElseThrow();
    assertThat(last.text().replace("\n", "")).isEqualTo("{\"a\":1}");
    assertThat(wire(last)).startsWith(rest);
    assertThat(split((wire(last) + "data: [DONE]\n\n").getBytes(UTF_8), 5)).hasSize(2);
    assertThat(splitter.isClean()).isTrue();
  }

  @Test
  void aTerminatorWithoutLineEndsCounts() {
    feed("data: [DONE]");
    assertThat(splitter.next()).isNull();
    assertThat(splitter.last().filter(EventSplitter::isDone)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"data: {\"a\":1", "data: {\"a\":1\n", "dat", "event: x\n", ": x\ndat"})
  void aStreamCutInsideAnEventIsAFailure(String rest) {
    feed(rest);
    assertThat(splitter.next()).isNull();
    Failure failure = catchThrowableOfType(Failure.class, splitter::last);
    assertThat(failure.kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ": PIN", ": PING\r\n", "\r"})
  void theRestOfACommentIsNobodysLoss(String rest) {
    feed("data: x\n\n" + rest);
    splitter.next();
    assertThat(splitter.next()).isNull();
    assertThat(splitter.last()).isEqualTo(Optional.empty());
  }

  private Frame only(String stream) {
    feed(stream);
    return splitter.next();
  }

  private void feed(String bytes) {
    splitter.feed(Buffer.buffer(bytes));
  }

  private void drain(List<Frame> frames) {
    for (Frame frame = splitter.next(); frame != null; frame = splitter.next()) {
      frames.add(frame);
    }
  }

  private static List<Frame> split(byte[] stream, int piece) {
    EventSplitter splitter = new EventSplitter(MAX);
    List<Frame> frames = new ArrayList<>();
    for (int from = 0; from < stream.length; from += piece) {
      int to = Math.min(stream.length, from + piece);
      splitter.feed(Buffer.buffer(java.util.Arrays.copyOfRange(stream, from, to)));
      for (Frame frame = splitter.next(); frame != null; frame = splitter.next()) {
        frames.add(frame);
      }
    }
    assertThat(splitter.isClean()).isTrue();
    return frames;
  }

  private static String wire(Frame frame) {
    return new String(frame.event(), UTF_8);
  }

  /** Events made at random, with what they must say. */
  private static final class RandomEvent {
    private static final String[] ENDS = {"\n", "\r\n", "\r"};
    private static final String[] OTHERS = {
      ": ping", "event: x", "id", "retry: 1", "datum: x", ":"
    };

    static void add(Random random, List<String> events, List<String> data) {
      StringBuilder event = new StringBuilder();
      List<String> payload = new ArrayList<>();
      String end = "";
      for (int lines = 1 + random.nextInt(3); lines > 0; lines--) {
        end = ENDS[random.nextInt(3)];
        event.append(line(random, payload)).append(end);
      }
      // a bare return before LF would be one line end, and before CR LF may be told too early
      event.append(end.equals("\r") ? end : ENDS[random.nextInt(2)]);
      events.add(event.toString());
      data.add(String.join("\n", payload));
    }

    private static String line(Random random, List<String> payload) {
      if (random.nextInt(4) == 0) {
        return OTHERS[random.nextInt(OTHERS.length)];
      }
      String text = "{\"é🐎\":" + "\tx".repeat(random.nextInt(40)) + "}";
      payload.add(text);
      return (random.nextBoolean() ? "data: " : "data:") + text;
    }
  }
}
