package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.completion.Tokens;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProofTest {
  private final CompletionsLanguage language = new CompletionsLanguage();

  @ParameterizedTest
  @ValueSource(strings = {"stop", "length", "content_filter", "tool_calls"})
  void anAnswerWithAFinalReasonIsProvenAndSaysWhatItCost(String reason) {
    assertThat(language.proof(whole(choice(0, quoted(reason))), 1)).contains(Tokens.of(5, 7));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"null", "\"abort\"", "\"error\"", "\"\"", "true", "[\"stop\"]", "\"Stop\""})
  void anyOtherReasonProvesNothing(String reason) {
    assertThat(language.proof(whole(choice(0, reason)), 1)).isEmpty();
  }

  @Test
  void theChoicesMustBeThoseAskedForEachOnce() {
    String zero = choice(0, "\"stop\"");
    String one = choice(1, "\"length\"");
    assertThat(language.proof(whole(one + "," + zero), 2)).isPresent();
    assertThat(language.proof(whole(""), 1)).isEmpty();
    assertThat(language.proof(whole(zero), 2)).isEmpty();
    assertThat(language.proof(whole(zero + "," + zero), 2)).isEmpty();
    assertThat(language.proof(whole(zero + "," + zero), 1)).isEmpty();
    assertThat(language.proof(whole(one), 1)).isEmpty();
    assertThat(language.proof(whole(zero + "," + choice(-1, "\"stop\"")), 2)).isEmpty();
    assertThat(language.proof(whole("null"), 1)).isEmpty();
    assertThat(language.proof(whole(zero + ",null"), 1)).isEmpty();
    assertThat(language.proof(whole("{\"finish_reason\":\"stop\"}"), 1)).isEmpty();
    assertThat(language.proof(whole(choice(0, "\"stop\"").replace(":0", ":4294967296")), 1))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "[]",
        "null",
        "{}",
        "{\"choices\":null}",
        "{\"choices\":{}}",
        "{\"error\":{\"message\":\"no\"},\"choices\":[@]}",
        "{\"error\":\"no\",\"error_type\":\"overloaded\",\"choices\":[@]}",
        "{\"object\":\"error\",\"choices\":[@]}",
        "{\"choices\":[@]}x",
        "{\"choices\":[@]}{}",
        "{\"choices\":[@]",
        "{\"choices\":[@],}",
        "{\"choices\":[],\"choices\":[@]}",
        "\uFEFF{\"choices\":[@]}",
        "{\"choices\":[@],\"x\":NaN}",
        "{\"choices\":[@],\"x\":1} // that is all"
      })
  void whatIsNoAnswerProvesNothing(String body) {
    assertThat(language.proof(body(body), 1)).isEmpty();
  }

  @Test
  void whatIsEscapedSaysTheSame() {
    String whole = whole(choice(0, "\"stop\"")).toString();
    assertThat(language.proof(Buffer.buffer(whole.replace("finish", "f\\u0069nish")), 1))
        .contains(Tokens.of(5, 7));
    assertThat(language.proof(Buffer.buffer(whole.replace("\"stop", "\"st\\u006fp")), 1))
        .contains(Tokens.of(5, 7));
    assertThat(language.proof(Buffer.buffer(whole.replace("{\"", "{\"\\u0065rror\":1,\"")), 1))
        .isEmpty();
    assertThat(
            language.proof(
                Buffer.buffer(whole.replaceFirst("\\{", "{\"object\":\"err\\\\u006fr\",")), 1))
        .isEmpty();
  }

  @Test
  void otherEncodingsAreNotRead() {
    byte[] utf16 = "{\"choices\":[]}".getBytes(java.nio.charset.StandardCharsets.UTF_16LE);
    assertThat(language.tokens(Buffer.buffer(utf16))).isEqualTo(Tokens.UNKNOWN);
    assertThat(language.proof(Buffer.buffer(utf16), 0)).isEmpty();
  }

  @Test
  void brokenUtf8ProvesNothing() {
    Buffer body = body("{\"x\":\"?\",\"choices\":[@]}");
    assertThat(language.proof(body, 1)).isPresent();
    body.setByte(6, (byte) 0xC3);
    assertThat(language.proof(body, 1)).isEmpty();
  }

  @Test
  void anErrorThatIsNullIsNone() {
    assertThat(language.proof(body("{\"error\":null,\"choices\":[@]}"), 1)).isPresent();
  }

  @Test
  void namesInsideTextOrLogprobsAreNotMistakenForMembers() {
    String odd =
        "{\"index\":0,\"text\":\"\\\"finish_reason\\\":\\\"stop\\\"\",\"logprobs\":"
            + "{\"top_logprobs\":[{\"finish_reason\":-1,\"error\":-2,\"usage\":-3}]},"
            + "\"finish_reason\":null}";
    assertThat(language.proof(whole(odd), 1)).isEmpty();
    assertThat(language.proof(whole(odd.replace(":null", ":\"stop\"")), 1))
        .contains(Tokens.of(5, 7));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",\"usage\":null",
        ",\"usage\":{}",
        ",\"usage\":{\"prompt_tokens\":\"5\"}",
        ",\"usage\":{\"prompt_tokens\":99999999999999999999}",
        ",\"usage\":[1]"
      })
  void withoutCountsTheCostIsUnknown(String usage) {
    assertThat(language.proof(body("{\"choices\":[@]" + usage + "}"), 1)).contains(Tokens.UNKNOWN);
  }

  @Test
  void scoringCostsItsPromptOnly() {
    Buffer body = body("{\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"total_tokens\":5}}");
    assertThat(language.tokens(body)).isEqualTo(Tokens.of(5, 0));
  }

  @Test
  void anIncompleteAnswerStillSaysWhatItCost() {
    assertThat(language.tokens(whole(choice(0, "\"abort\"")))).isEqualTo(Tokens.of(5, 7));
    assertThat(language.tokens(body("{\"usage\":" + Answers.USAGE))).isEqualTo(Tokens.UNKNOWN);
  }

  private static Buffer whole(String choices) {
    return Buffer.buffer("{\"choices\":[" + choices + "],\"usage\":" + Answers.USAGE + "}");
  }

  private static Buffer body(String text) {
    return Buffer.buffer(text.replace("@", choice(0, "\"stop\"")));
  }

  private static String choice(int index, String reason) {
    return "{\"text\":\"a\",\"index\":" + index + ",\"finish_reason\":" + reason + "}";
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }
}
