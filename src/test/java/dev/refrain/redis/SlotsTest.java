package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlotsTest {
  /** The first is the check value of the Redis cluster specification; the others Redis said. */
  @ParameterizedTest
  @CsvSource({"123456789,12739", "foo,12182", "'',0", "foo{},5542", "a{foo}b{bar},12182", "ü,9552"})
  void aKeyHasTheSlotThatRedisGivesIt(String key, int slot) {
    assertThat(Slots.of(key)).isEqualTo(slot);
  }

  @Test
  void whatStandsInBracesDecidesAlone() {
    assertThat(Slots.of("refrain:2:{foo}"))
        .isEqualTo(Slots.of("refrain:1:{foo}:lease"))
        .isEqualTo(Slots.of("foo"));
  }
}
