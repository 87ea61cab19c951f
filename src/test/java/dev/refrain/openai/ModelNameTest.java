package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelNameTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"model\":\"a\"} | {\"model\":\"b\"}",
        "{ \"prompt\" : \"model\", \"model\" :\t\"a\" , \"x\":1.50 } | { \"prompt\" : \"model\", \"model\" :\t\"b\" , \"x\":1.50 }",
        "{\"x\":{\"model\":\"a\"},\"model\":\"a\",\"y\":[{\"model\":\"a\"}]} | {\"x\":{\"model\":\"a\"},\"model\":\"b\",\"y\":[{\"model\":\"a\"}]}",
        "{\"prompt\":\"é😀\",\"\\u006dodel\":\"\\u0061\"} | {\"prompt\":\"é😀\",\"\\u006dodel\":\"b\"}",
        "{\"model\":\"a\",\"model\":\"c\"} | {\"model\":\"b\",\"model\":\"b\"}",
      })
  void theModelIsReplacedAndNothingElse(String body, String expected) {
    assertThat(ModelName.replace(Buffer.buffer(body), "b").toString()).isEqualTo(expected);
  }

  @Test
  void aNameIsWrittenAsJson() {
    String odd = "a\"\\\nü";
    Buffer body = ModelName.replace(Buffer.buffer("{\"model\":\"x\"}"), odd);
    assertThat(body.toJsonObject().getString("model")).isEqualTo(odd);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "[]", "{\"model\":", "{\"model\":1}", "{}", "{\"model\":null}"})
  void whatNamesNoModelIsLeftAlone(String body) {
    assertThat(ModelName.replace(Buffer.buffer(body), "b").toString()).isEqualTo(body);
  }
}
