package dev.refrain.json;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonEscapesTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "\\b,8,2",
        "\\t,9,2",
        "\\n,10,2",
        "\\f,12,2",
        "\\r,13,2",
        "\\\",34,2",
        "\\/,47,2",
        "\\\\,92,2",
        "\\u0041,65,6",
        "\\uFfFf,65535,6",
        "\\ud83d,55357,6"
      })
  void anEscapeStandsForOneUnitAndKnowsItsEnd(String escape, int unit, int length) {
    byte[] bytes = ("x" + escape + "x").getBytes(US_ASCII);
    assertThat((int) JsonEscapes.unit(bytes, 1)).isEqualTo(unit);
    assertThat(JsonEscapes.end(bytes, 1)).isEqualTo(1 + length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\", "\\u", "\\u1", "\\u12", "\\u123"})
  void whatIsCutOffIsNotReadPastItsEnd(String escape) {
    byte[] bytes = escape.getBytes(US_ASCII);
    JsonEscapes.unit(bytes, 0);
    assertThat(JsonEscapes.end(bytes, 0)).isBetween(1, bytes.length);
  }

  @Test
  void behindTheEndThereIsNoEscape() {
    assertThat(JsonEscapes.isUnicode("\\u0041".getBytes(US_ASCII), 6)).isFalse();
  }
}
