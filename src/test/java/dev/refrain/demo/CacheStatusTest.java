package dev.refrain.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheStatusTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "refrain; hit; ttl=3600; detail=memory | hit (memory)",
        "refrain;hit;detail=\"the; \\\"memory\\\", here\" | hit (the; \"memory\", here)",
        "refrain; fwd=uri-miss; stored | miss, stored",
        "refrain; fwd=uri-miss | miss",
        "refrain; fwd=partial; stored; detail=\"2 of 3 kept\" | miss (2 of 3 kept)",
        "refrain; hit=?0; fwd=stale; stored=?1 | miss, stored",
        "refrain; fwd=bypass; detail=sampled | bypass (sampled)",
        "other; hit, refrain; fwd=request | request",
        "refrain; fwd=request, other; hit | request",
        "refrain | unknown",
        "refrainer; hit | unknown",
        "other; detail=\", refrain; hit\" | unknown"
      })
  void saysInWordsWhatTheHeaderSays(String header, String words) {
    assertThat(CacheStatus.parse(header).words()).isEqualTo(words);
  }

  @Test
  void anAbsentHeaderSaysNothing() {
    assertThat(CacheStatus.parse(null).words()).isEqualTo("unknown");
  }
}
