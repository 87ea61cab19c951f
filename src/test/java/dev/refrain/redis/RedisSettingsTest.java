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
    assertThat(at("rediss://:secret@h").toString() + new Servers.Login("me", "secret"))
        .doesNotContain("secret");
  }

  @Test
  void tlsFollowsTheScheme() {
    assertThat(RedisLink.options(at("rediss://h")).getNetClientOptions().isSsl()).isTrue();
    assertThat(RedisLink.options(at("redis://h")).getNetClientOptions().isSsl()).isFalse();
  }

  private static RedisSettings at(String url) {
    Duration second = Duration.ofSeconds(1);
    return new RedisSettings(new Servers.Single(url), second, 10, 3, second);
  }
}
