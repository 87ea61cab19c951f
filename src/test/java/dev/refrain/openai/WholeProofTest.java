package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Completeness;
import dev.refrain.inference.Tokens;
import dev.refrain.openai.completions.Completions;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeProofTest {
  private final StreamingLanguage language = Completions.LANGUAGE;

  @ParameterizedTest
  @ValueSource(strings = {"stop", "length", "content_filter", "tool_calls"})
  void anAnswerWithAFinalReasonIsProvenAndSaysWhatItCost(String reason) {
    assertThat(proof(whole(choice(0, quoted(reason))), 1)).contains(Tokens.of(5, 7));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"null", "\"abort\"", "\"error\"", "\"\"", "true", "[\"stop\"]", "\"Stop\""})
  void anyOtherReasonProvesNothing(String reason) {
    assertThat(proof(whole(choice(0, reason)), 1)).isEmpty();
  }

  @Test
  void theChoicesMustBeThoseAskedForEachOnce() {
    String zero = choice(0, "\"stop\"");
    String one = choice(1, "\"length\"");
    assertThat(proof(whole(one + "," + zero), 2)).isPresent();
    assertThat(proof(whole(""), 1)).isEmpty();
    assertThat(proof(whole(zero), 2)).isEmpty();
    assertThat(proof(whole(zero + "," + zero), 2)).isEmpty();
    assertThat(proof(whole(zero + "," + zero), 1)).isEmpty();
    assertThat(proof(whole(one), 1)).isEmpty();
    assertThat(proof(whole(zero + "," + choice(-1, "\"stop\"")), 2)).isEmpty();
    assertThat(proof(whole("null"), 1)).isEmpty();
    assertThat(proof(whole(zero + ",null"), 1)).isEmpty();
    assertThat(proof(whole("{\"finish_reason\":\"stop\"}"), 1)).isEmpty();
    assertThat(proof(whole(choice(0, "\"stop\"").replace(":0", ":4294967296")), 1)).isEmpty();
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
    assertThat(proof(body(body), 1)).isEmpty();
  }

  @Test
  void whatIsEscapedSaysTheSame() {
    String whole = whole(choice(0, "\"stop\"")).toString();
    assertThat(proof(Buffer.buffer(whole.replace("finish", "f\\u0069nish")), 1))
        .contains(Tokens.of(5, 7));
    assertThat(proof(Buffer.buffer(whole.replace("\"stop", "\"st\\u006fp")), 1))
        .contains(Tokens.of(5, 7));
    assertThat(proof(Buffer.buffer(whole.replace("{\"", "{\"\\u0065rror\":1,\"")), 1)).isEmpty();
    assertThat(proof(Buffer.buffer(whole.replaceFirst("\\{", "{\"object\":\"err\\\\u006fr\",")), 1))
        .isEmpty();
  }

  @Test
  void otherEncodingsAreNotRead() {
    byte[] utf16 = "{\"choices\":[]}".getBytes(java.nio.charset.StandardCharsets.UTF_16LE);
    assertThat(language.completeness(Buffer.buffer(utf16), 0).tokens()).isEqualTo(Tokens.UNKNOWN);
    assertThat(proof(Buffer.buffer(utf16), 0)).isEmpty();
  }

  @Test
  void brokenUtf8ProvesNothing() {
    Buffer body = body("{\"x\":\"?\",\"choices\":[@]}");
    assertThat(proof(body, 1)).isPresent();
    body.setByte(6, (byte) 0xC3);
    assertThat(proof(body, 1)).isEmpty();
  }

  @Test
  void anErrorThatIsNullIsNone() {
    assertThat(proof(body("{\"error\":null,\"choices\":[@]}"), 1)).isPresent();
  }

  @Test
  void namesInsideTextOrLogprobsAreNotMistakenForMembers() {
    String odd =
        "{\"index\":0,\"text\":\"\\\"finish_reason\\\":\\\"stop\\\"\",\"logprobs\":"
            + "{\"top_logprobs\":[{\"finish_reason\":-1,\"error\":-2,\"usage\":-3}]},"
            + "\"finish_reason\":null}";
    assertThat(proof(whole(odd), 1)).isEmpty();
    assertThat(proof(whole(odd.replace(":null", ":\"stop\"")), 1)).contains(Tokens.of(5, 7));
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
    assertThat(proof(body("{\"choices\":[@]" + usage + "}"), 1)).contains(Tokens.UNKNOWN);
  }

  @Test
  void scoringCostsItsPromptOnly() {
    Buffer body = body("{\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"total_tokens\":5}}");
    assertThat(language.completeness(body, 1).tokens()).isEqualTo(Tokens.of(5, 0));
  }

  @Test
  void anIncompleteAnswerStillSaysWhatItCost() {
    assertThat(language.completeness(whole(choice(0, "\"abort\"")), 1))
        .isEqualTo(new Completeness(false, Tokens.of(5, 7)));
    assertThat(language.completeness(body("{\"usage\":" + Answers.USAGE), 1))
        .isEqualTo(Completeness.NONE);
  }

  /** The tokens of an answer that is complete. */
  private Optional<Tokens> proof(Buffer body, int elements) {
    Completeness completeness = language.completeness(body, elements);
    return completeness.complete() ? Optional.of(completeness.tokens()) : Optional.empty();
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
