package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisSettingsTest {
  @ParameterizedTest
  @ValueSource(strings = {"http://:secret@h", "localhost:6379", "", "redis://:secret@h /"})
  void aWrongUrlIsRefusedWithoutRepeatingIt(String url) {
    assertThatThrownBy(() -> at(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("redis url")
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }

  @Test
  void thePasswordIsNotPrinted() {
    assertThat(at("rediss://:secret@h").toString()).doesNotContain("secret");
  }

  @Test
  void tlsFollowsTheScheme() {
    assertThat(Wire.options(at("rediss://h")).getNetClientOptions().isSsl()).isTrue();
    assertThat(Wire.options(at("redis://h")).getNetClientOptions().isSsl()).isFalse();
  }

  private static RedisSettings at(String url) {
    Duration second = Duration.ofSeconds(1);
    return new RedisSettings(url, second, 10, 3, second);
  }
}
