package dev.refrain.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTokensTest {
  @Test
  void everyTokenIsGivenWithItsPlace() throws IOException {
    String json = " {\"a\" : [1, -2.5e3 ,\"\\u0062\"], \"\\u0063\":{}, \"d\":[] , \"e\":null } ";

    assertThat(read(json))
        .containsExactly(
            "START_OBJECT {",
            "FIELD_NAME \"a\" a",
            "START_ARRAY [",
            "VALUE_NUMBER_INT 1",
            "VALUE_NUMBER_FLOAT -2.5e3",
            "VALUE_STRING \"\\u0062\" b",
            "END_ARRAY ]",
            "FIELD_NAME \"\\u0063\" c",
            "START_OBJECT {",
            "END_OBJECT }",
            "FIELD_NAME \"d\" d",
            "START_ARRAY [",
            "END_ARRAY ]",
            "FIELD_NAME \"e\" e",
            "VALUE_NULL null",
            "END_OBJECT }");
  }

  @Test
  void whatFollowsTheDocumentIsSeen() throws IOException {
    JsonTokens in = new JsonTokens("{} {}".getBytes(UTF_8));
    in.nextToken();
    in.nextToken();

    assertThat(in.nextToken()).isEqualTo(JsonToken.NOT_AVAILABLE);
  }

  @Test
  void childrenAreSkipped() throws IOException {
    JsonTokens in = new JsonTokens("[[1,{\"a\":[]}],2]".getBytes(UTF_8));
    in.nextToken();
    in.nextToken();
    in.skipChildren();

    assertThat(in.currentToken()).isEqualTo(JsonToken.END_ARRAY);
    in.nextToken();
    assertThat(in.getText()).isEqualTo("2");
    in.skipChildren();
    assertThat(in.getText()).isEqualTo("2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "[01]", "[1.]", "nul"})
  void whatIsNotJsonIsRefused(String json) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(IOException.class);
  }

  @Test
  void whatIsTooLargeIsRefused() {
    List<String> tooLarge =
        List.of(
            "[".repeat(101) + "]".repeat(101),
            "{\"" + "n".repeat(1025) + "\":1}",
            "[" + "1".repeat(1001) + "]");

    assertThat(tooLarge)
        .allSatisfy(
            json -> assertThatThrownBy(() -> read(json)).isInstanceOf(JsonTokens.TooLarge.class));
  }

  private static List<String> read(String json) throws IOException {
    JsonTokens in = new JsonTokens(json.getBytes(UTF_8));
    List<String> tokens = new ArrayList<>();
    while (in.nextToken() != null) {
      String written = json.substring(in.from(), in.to());
      String means = in.currentToken() == JsonToken.FIELD_NAME ? " " + in.currentName() : "";
      String spells = in.currentToken() == JsonToken.VALUE_STRING ? " " + in.getText() : "";
      tokens.add(in.currentToken() + " " + written + means + spells);
    }
    return tokens;
  }
}
