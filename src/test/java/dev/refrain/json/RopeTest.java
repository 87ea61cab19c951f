package dev.refrain.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RopeTest {
  private static final String LARGE = "0123456789".repeat(100);
  private final Buffer source = Buffer.buffer("<" + LARGE + ">");

  private Rope copies(int times) {
    Rope rope = new Rope();
    for (int i = 0; i < times; i++) {
      rope.append(source, 1, 1 + LARGE.length())
          .append(Integer.toString(i).getBytes(StandardCharsets.US_ASCII))
          .append(',');
    }
    return rope;
  }

  @Test
  void itReadsAsWhatWasAppended() {
    assertThat(copies(3).toBuffer())
        .hasToString(LARGE + "0," + LARGE + "1," + LARGE + "2,")
        .isEqualTo(Buffer.buffer(LARGE + "0," + LARGE + "1," + LARGE + "2,"));
  }

  @Test
  void everySliceOfItReadsAsThatOfACopy() {
    Buffer rope = copies(5).toBuffer();
    Buffer copy = Buffer.buffer(rope.toString());
    for (int from = 0; from < rope.length(); from += 333) {
      int to = Math.min(rope.length(), from + 1234);
      assertThat(rope.slice(from, to)).hasToString(copy.slice(from, to).toString());
    }
  }

  @Test
  void manyCopiesWeighLittleMoreThanOne() {
    Buffer rope = copies(2000).toBuffer();
    assertThat(rope.length()).isGreaterThan(2_000_000);
    assertThat(Rope.weight(rope)).isLessThan(800_000).isGreaterThan(Rope.overhead(rope));
  }

  @Test
  void smallPartsAreCopiedAndCostNothingBesideTheirBytes() {
    Rope rope = new Rope();
    for (int i = 0; i < 100; i++) {
      rope.append(source, 0, 10);
    }
    Buffer all = rope.toBuffer();
    assertThat(all.length()).isEqualTo(1000);
    assertThat(Rope.overhead(all)).isZero();
    assertThat(Rope.weight(all)).isEqualTo(1000);
  }

  @Test
  void aBufferOfOneMakingWeighsItsLength() {
    assertThat(Rope.weight(source)).isEqualTo(LARGE.length() + 2);
    assertThat(Rope.weight(new Rope().toBuffer())).isZero();
  }
}
