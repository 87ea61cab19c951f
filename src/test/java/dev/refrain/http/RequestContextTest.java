package dev.refrain.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestContextTest {
  @Test
  void aUsableIdIsKeptAndToldBack() {
    FakeExchange exchange = new FakeExchange("X-Request-Id", "req_1-x.y");
    assertThat(new RequestContext(exchange.request, AccessListener.NONE).id())
        .isEqualTo("req_1-x.y");
    assertThat(exchange.answered.get("X-Request-Id")).isEqualTo("req_1-x.y");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a\tb", "a\nb", "é", "a\u007f", "a\u0000"})
  void whatIsNotPlainIsReplaced(String id) {
    assertReplaced(id);
  }

  @Test
  void whatIsTooLongIsReplaced() {
    String longest = "x".repeat(128);
    assertThat(
            new RequestContext(
                    new FakeExchange("X-Request-Id", longest).request, AccessListener.NONE)
                .id())
        .isEqualTo(longest);
    assertReplaced(longest + "x");
  }

  @Test
  void everyRequestWithoutOneGetsItsOwn() {
    String one = new RequestContext(new FakeExchange().request, AccessListener.NONE).id();
    assertThat(new RequestContext(new FakeExchange().request, AccessListener.NONE).id())
        .isNotEqualTo(one);
  }

  private static void assertReplaced(String id) {
    FakeExchange exchange = new FakeExchange("X-Request-Id", id);
    String ours = new RequestContext(exchange.request, AccessListener.NONE).id();
    assertThat(ours).isNotEqualTo(id).matches("[0-9a-f-]{36}");
    assertThat(exchange.answered.get("X-Request-Id")).isEqualTo(ours);
  }
}
