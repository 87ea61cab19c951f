package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.redis.ClusterLink.Redirect;
import io.vertx.redis.client.impl.types.ErrorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTest {
  private static final Endpoint FROM = new Endpoint("here", 1);

  @Test
  void whereAKeyIsIsRead() {
    assertThat(Redirect.of(ErrorType.create("MOVED 3999 10.0.0.1:6381"), FROM))
        .contains(new Redirect(false, 3999, new Endpoint("10.0.0.1", 6381)));
    assertThat(Redirect.of(ErrorType.create("ASK 0 fe80::1:6381"), FROM))
        .contains(new Redirect(true, 0, new Endpoint("fe80::1", 6381)));
  }

  @Test
  void noHostIsWhoeverSaidIt() {
    assertThat(Redirect.of(ErrorType.create("MOVED 1 :7000"), FROM))
        .contains(new Redirect(false, 1, new Endpoint("here", 7000)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"MOVED", "MOVED 16384 h:1", "MOVED -1 h:1", "MOVED 1 h", "ASK x h:1", "ERR no"})
  void whatSaysNothingOfTheKindIsNone(String message) {
    assertThat(Redirect.of(ErrorType.create(message), FROM)).isEmpty();
    assertThat(Redirect.of(new IllegalStateException("MOVED 1 h:1"), FROM)).isEmpty();
  }
}
