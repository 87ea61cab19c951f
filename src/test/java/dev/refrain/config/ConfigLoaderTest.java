package dev.refrain.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigLoaderTest {
  private static final String URL = "http://127.0.0.1:9000";

  @Test
  void anUpstreamUrlInTheEnvironmentIsAWholeConfiguration() {
    Config config = ConfigLoader.load(Optional.empty(), Map.of("REFRAIN_UPSTREAM_URL", URL));
    assertThat(config.upstreams()).hasSize(1);
    assertThat(config.upstreams().get(0).url()).hasToString(URL);
    assertThat(config.server().port()).isEqualTo(8080);
    assertThat(config.cache().redis().enabled()).isFalse();
    assertThat(config.cache().redis().timeout()).isEqualTo(Duration.ofMillis(25));
    assertThat(config.limits().body().bytes()).isEqualTo(32 << 20);
  }
}
