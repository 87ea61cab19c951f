package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import io.vertx.redis.client.RedisOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class HostLookupTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"redis://redis:6379/3", "rediss://u:p@10.0.0.1", "redis://[::1]:1", "unix:///s"})
  void whatTheClientKnowsStaysAsItIs(String url, Vertx vertx, VertxTestContext test) {
    RedisOptions options = new RedisOptions().setConnectionString(url);
    HostLookup.resolve(vertx, options)
        .onComplete(
            test.succeeding(
                resolved ->
                    test.verify(() -> assertThat(resolved).isSameAs(options)).completeNow()));
  }

  @Test
  void aNameThatIsNotKnownIsNamedAndItsPasswordIsNot(Vertx vertx, VertxTestContext test) {
    RedisOptions options =
        new RedisOptions().setConnectionString("redis://u:secret@not_a_host.invalid:6379");
    HostLookup.resolve(vertx, options)
        .onComplete(
            test.failing(
                cause ->
                    test.verify(
                            () -> assertThat(cause).hasMessage("unknown host not_a_host.invalid"))
                        .completeNow()));
  }
}
