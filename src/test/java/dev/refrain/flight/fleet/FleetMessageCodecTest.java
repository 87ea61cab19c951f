package dev.refrain.flight.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Head;
import dev.refrain.testing.FakeFrames;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FleetMessageCodecTest {
  static Stream<FleetMessage> messages() {
    Frame apart = new Frame("data: a\ndata: b\n\n".getBytes(), "a\nb".getBytes(), 0, 3);
    return Stream.of(
        new FleetMessage.Begin(FakeRequest.fingerprint(1), FakeRequest.head("text/event-stream")),
        new FleetMessage.Batch(List.of(FakeFrames.data("a"), FakeFrames.comment("b"), apart)),
        new FleetMessage.Whole(
            FakeRequest.fingerprint(1), FakeRequest.head("text/plain"), Buffer.buffer("body")),
        new FleetMessage.Whitespace(FakeRequest.head("application/json"), Buffer.buffer(" \r\n\t")),
        new FleetMessage.Complete(),
        new FleetMessage.Failed(Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, "too long")),
        new FleetMessage.Failed(Failure.reported(FakeFrames.data("{\"error\":1}"))),
        new FleetMessage.Abandoned(),
        new FleetMessage.Withdrawn());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void whatIsWrittenIsReadAgain(FleetMessage message) {
    byte[] bytes = FleetMessageCodec.encode(message).getBytes();
    FleetMessage read = FleetMessageCodec.decode(bytes).orElseThrow();

    assertThat(read).hasSameClassAs(message);
    assertThat(FleetMessageCodec.encode(read).getBytes()).isEqualTo(bytes);
  }

  @Test
  void framesKeepTheirBordersAndTheirData() {
    Frame apart = new Frame("data: a\ndata: b\n\n".getBytes(), "a\nb".getBytes(), 0, 3);
    FleetMessage read =
        FleetMessageCodec.decode(
                FleetMessageCodec.encode(new FleetMessage.Batch(List.of(apart))).getBytes())
            .orElseThrow();

    Frame frame = ((FleetMessage.Batch) read).frames().get(0);
    assertThat(frame.event()).isEqualTo(apart.event());
    assertThat(frame.text()).isEqualTo("a\nb");
  }

  @Test
  void headersOfTheLeadersCallAreNotTold() {
    Head head =
        new Head(
            429,
            HttpHeaders.headers()
                .add("Content-Type", "application/json")
                .add("Retry-After", "3")
                .add("Set-Cookie", "secret"));
    FleetMessage read =
        FleetMessageCodec.decode(
                FleetMessageCodec.encode(
                        new FleetMessage.Whole(FakeRequest.fingerprint(1), head, Buffer.buffer()))
                    .getBytes())
            .orElseThrow();

    Head told = ((FleetMessage.Whole) read).head();
    assertThat(told.status()).isEqualTo(429);
    assertThat(told.headers().get("retry-after")).isEqualTo("3");
    assertThat(told.headers().contains("set-cookie")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n{", "\u000b"})
  void nothingButWhiteSpaceIsPassedOnBeforeAnAnswer(String body) {
    FleetMessage message =
        new FleetMessage.Whitespace(FakeRequest.head("application/json"), Buffer.buffer(body));
    assertThat(FleetMessageCodec.decode(FleetMessageCodec.encode(message).getBytes())).isEmpty();
  }

  @Test
  void littleWhiteSpaceAndNoneOfARefusalIsPassedOn() {
    Buffer much = Buffer.buffer(" ".repeat(257));
    assertThat(decoded(FakeRequest.head("application/json"), much)).isEmpty();
    Head refusal = new Head(400, HttpHeaders.headers());
    assertThat(decoded(refusal, Buffer.buffer("\n"))).isEmpty();
  }

  private static Optional<FleetMessage> decoded(Head head, Buffer whitespace) {
    FleetMessage message = new FleetMessage.Whitespace(head, whitespace);
    return FleetMessageCodec.decode(FleetMessageCodec.encode(message).getBytes());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void whatIsDamagedIsNoItem(FleetMessage message) {
    byte[] bytes = FleetMessageCodec.encode(message).getBytes();
    Random random = new Random(bytes.length);

    for (int length = 0; length < bytes.length; length++) {
      assertThat(FleetMessageCodec.decode(Arrays.copyOf(bytes, length))).isEmpty();
    }
    for (int round = 0; round < 500; round++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      assertThat(FleetMessageCodec.decode(damaged)).isEmpty();
    }
  }
}
