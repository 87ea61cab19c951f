package dev.refrain.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {
  @ParameterizedTest
  @ValueSource(strings = {"", "a", "é", "€", "😀", "\ufeffa", "\uffff", "\u0000"})
  void textIsValid(String text) {
    assertThat(Utf8.firstInvalid(text.getBytes(UTF_8))).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({
    "80, 0", // a continuation of nothing
    "61c3, 1", // cut off
    "61e282, 1",
    "61f09f98, 1",
    "c080, 0", // overlong
    "e08080, 0",
    "f0808080, 0",
    "eda080, 0", // a surrogate
    "f4908080, 0", // beyond the last code point
    "ff, 0",
    "61c361, 1",
  })
  void theFirstByteThatIsNoneIsFound(String hex, int at) {
    assertThat(Utf8.firstInvalid(HexFormat.of().parseHex(hex))).isEqualTo(at);
  }

  @Test
  void anErrorFarBehindIsFoundAndTheNextTextIsJudgedAnew() {
    byte[] bytes = "é€😀a".repeat(10_000).getBytes(UTF_8);
    assertThat(Utf8.firstInvalid(bytes)).isEqualTo(-1);
    bytes[bytes.length - 1] = (byte) 0xC3;
    assertThat(Utf8.firstInvalid(bytes)).isEqualTo(bytes.length - 1);
    assertThat(Utf8.firstInvalid("a".getBytes(UTF_8))).isEqualTo(-1);
  }

  @RepeatedTest(20)
  void itAgreesWithThePlatformOnRandomBytes(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int[] likely = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xED, 0xF4};
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = "plain text, ".repeat(random.nextInt(3)).concat("é€😀").getBytes(UTF_8);
      for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
        int at = random.nextInt(bytes.length);
        bytes[at] =
            (byte) (random.nextBoolean() ? likely[random.nextInt(13)] : random.nextInt(256));
      }
      assertThat(Utf8.firstInvalid(bytes)).isEqualTo(platform(bytes));
    }
  }

  private static int platform(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result = UTF_8.newDecoder().decode(in, CharBuffer.allocate(bytes.length + 1), true);
    return result.isError() ? in.position() : -1;
  }
}
