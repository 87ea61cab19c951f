package dev.refrain.upstream.passthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.refrain.inference.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "//",
        "/v1//models/",
        "/v1/files/%E4%B8%AD%2F?a=%20&b=+&a",
        "/a%2e%2E.b/.../..c?../..",
        "/a;b=c/d|e{f}\"<>^`'()*,!$&~?x=?/??",
        "/v1/./models/%00%zz%",
        "/v1/models?redirect=http://h/../x",
        "*"
      })
  void whatIsPlainStaysAsItIsWritten(String asked) {
    assertThat(RequestTarget.of(asked).text()).isEqualTo(asked);
  }

  @ParameterizedTest
  @CsvSource({
    "http://somebody/v1/models?a=b, /v1/models?a=b",
    "HTTPS://somebody:8443/%7e//x, /%7e//x",
    "http://somebody, /",
    "http://somebody?a=b, /?a=b"
  })
  void whoTheRequestIsForHasNoSay(String asked, String text) {
    assertThat(RequestTarget.of(asked).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/../admin",
        "/..",
        "/v1/%2e%2E/admin",
        "/v1/.%2e",
        "/v1/..%2fadmin",
        "/v1/x%2F..%5Cadmin",
        "/v1\\..\\admin",
        "/v1/..;a=b/admin",
        "http://h/../admin"
      })
  void whatLeadsOutOfTheBasePathIsRefused(String asked) {
    Failure refused = catchThrowableOfType(Failure.class, () -> RequestTarget.of(asked));

    assertThat(refused).isNotNull();
    assertThat(refused.kind()).isEqualTo(Failure.Kind.INVALID);
    assertThat(refused.getMessage()).doesNotContain("admin");
  }

  @Test
  void theQueryIsNoPartOfThePath() {
    assertThat(RequestTarget.of("/v1/models?a=/mj/").path()).isEqualTo("/v1/models");
    assertThat(RequestTarget.of("/v1/models").path()).isEqualTo("/v1/models");
  }

  @Test
  void aBasePathGoesBeforeEverythingButTheAsterisk() {
    assertThat(RequestTarget.of("/v1/models?x").below("/openai")).isEqualTo("/openai/v1/models?x");
    assertThat(RequestTarget.of("/").below("")).isEqualTo("/");
    assertThat(RequestTarget.of("*").below("/openai")).isEqualTo("*");
  }
}
