package dev.refrain.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DebugTokenTest {
  private static final long NOW = 1_700_000_000;

  private final DebugToken pass = new DebugToken("0123456789abcdef", () -> NOW * 1000);

  @Test
  void aPassIsGoodUntilItsTimeAndGoneBehindTheDoor() {
    MultiMap headers = with(pass.until(NOW + 1));
    assertThat(pass.takes(headers)).isTrue();
    assertThat(headers.isEmpty()).isTrue();
    assertThat(pass.takes(with(pass.until(NOW - 1)))).isFalse();
  }

  @Test
  void itIsTheHmacThatOpensslMakes() {
    // printf %s 1700000600 | openssl dgst -sha256 -hmac 0123456789abcdef
    assertThat(pass.until(1_700_000_600))
        .isEqualTo("1700000600.f4c31a31c84500b0099f69385724c31e9bf8cb0c47176f21c02eb741dfcaa5d4");
  }

  @Test
  void nobodySignsForLongerThanADay() {
    assertThat(pass.takes(with(pass.until(NOW + 86_400)))).isTrue();
    assertThat(pass.takes(with(pass.until(NOW + 86_401)))).isFalse();
  }

  @Test
  void anotherSecretSignsNothing() {
    DebugToken other = new DebugToken("fedcba9876543210", () -> NOW * 1000);
    assertThat(pass.takes(with(other.until(NOW + 1)))).isFalse();
  }

  @Test
  void withoutASecretNobodyPassesAndTheHeaderIsStillGone() {
    DebugToken none = new DebugToken("", () -> NOW * 1000);
    MultiMap headers = with(pass.until(NOW + 1));
    assertThat(none.takes(headers)).isFalse();
    assertThat(headers.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "1", "x.y", "1700000001.", "-1.a", "99999999999999999999.a", "1.2.3"})
  void whatIsNoPassIsIgnored(String value) {
    MultiMap headers = with(value);
    assertThat(pass.takes(headers)).isFalse();
    assertThat(headers.isEmpty()).isTrue();
  }

  private static MultiMap with(String value) {
    return MultiMap.caseInsensitiveMultiMap().add(DebugToken.HEADER, value);
  }
}
