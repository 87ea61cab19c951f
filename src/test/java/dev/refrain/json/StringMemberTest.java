package dev.refrain.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StringMemberTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"model\":\"a\"} | {\"model\":\"b\"}",
        "{ \"prompt\" : \"model\", \"model\" :\t\"a\" , \"x\":1.50 } | { \"prompt\" : \"model\","
            + " \"model\" :\t\"b\" , \"x\":1.50 }",
        "{\"x\":{\"model\":\"a\"},\"model\":\"a\",\"y\":[{\"model\":\"a\"}]} |"
            + " {\"x\":{\"model\":\"a\"},\"model\":\"b\",\"y\":[{\"model\":\"a\"}]}",
        "{\"prompt\":\"é😀\",\"\\u006dodel\":\"\\u0061\"} |"
            + " {\"prompt\":\"é😀\",\"\\u006dodel\":\"b\"}",
        "{\"model\":\"a\",\"model\":\"c\"} | {\"model\":\"b\",\"model\":\"b\"}",
      })
  void theModelIsReplacedAndNothingElse(String body, String expected) {
    assertThat(StringMember.replace(Buffer.buffer(body), "model", "b").toString())
        .isEqualTo(expected);
  }

  @Test
  void aNameIsWrittenAsJson() {
    String odd = "a\"\\\nü";
    Buffer body = StringMember.replace(Buffer.buffer("{\"model\":\"x\"}"), "model", odd);
    assertThat(body.toJsonObject().getString("model")).isEqualTo(odd);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "[]", "{\"model\":", "{\"model\":1}", "{}", "{\"model\":null}"})
  void whatNamesNoModelIsLeftAlone(String body) {
    assertThat(StringMember.replace(Buffer.buffer(body), "model", "b").toString()).isEqualTo(body);
  }
}
