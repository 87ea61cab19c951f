package dev.refrain.flight.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Head;
import dev.refrain.testing.FakeFrames;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ItemCodecTest {
  static Stream<Item> items() {
    Frame apart = new Frame("data: a\ndata: b\n\n".getBytes(), "a\nb".getBytes(), 0, 3);
    return Stream.of(
        new Item.Begin(FakeRequest.fingerprint(1), FakeRequest.head("text/event-stream")),
        new Item.Batch(List.of(FakeFrames.data("a"), FakeFrames.comment("b"), apart)),
        new Item.Whole(
            FakeRequest.fingerprint(1), FakeRequest.head("text/plain"), Buffer.buffer("body")),
        new Item.Complete(),
        new Item.Failed(Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, "too long")),
        new Item.Failed(Failure.reported(FakeFrames.data("{\"error\":1}"))),
        new Item.Abandoned(),
        new Item.Withdrawn());
  }

  @ParameterizedTest
  @MethodSource("items")
  void whatIsWrittenIsReadAgain(Item item) {
    byte[] bytes = ItemCodec.encode(item).getBytes();
    Item read = ItemCodec.decode(bytes).orElseThrow();

    assertThat(read).hasSameClassAs(item);
    assertThat(ItemCodec.encode(read).getBytes()).isEqualTo(bytes);
  }

  @Test
  void framesKeepTheirBordersAndTheirData() {
    Frame apart = new Frame("data: a\ndata: b\n\n".getBytes(), "a\nb".getBytes(), 0, 3);
    Item read =
        ItemCodec.decode(ItemCodec.encode(new Item.Batch(List.of(apart))).getBytes()).orElseThrow();

    Frame frame = ((Item.Batch) read).frames().get(0);
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
    Item read =
        ItemCodec.decode(
                ItemCodec.encode(new Item.Whole(FakeRequest.fingerprint(1), head, Buffer.buffer()))
                    .getBytes())
            .orElseThrow();

    Head told = ((Item.Whole) read).head();
    assertThat(told.status()).isEqualTo(429);
    assertThat(told.headers().get("retry-after")).isEqualTo("3");
    assertThat(told.headers().contains("set-cookie")).isFalse();
  }

  @ParameterizedTest
  @MethodSource("items")
  void whatIsDamagedIsNoItem(Item item) {
    byte[] bytes = ItemCodec.encode(item).getBytes();
    Random random = new Random(bytes.length);

    for (int length = 0; length < bytes.length; length++) {
      assertThat(ItemCodec.decode(Arrays.copyOf(bytes, length))).isEmpty();
    }
    for (int round = 0; round < 500; round++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      assertThat(ItemCodec.decode(damaged)).isEmpty();
    }
  }
}
