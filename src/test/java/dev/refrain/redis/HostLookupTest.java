package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.ScriptedRedis;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class HostLookupTest {
  private static final Map<String, String> NAMES =
      Map.of("redis_cache", "127.0.0.1", "redis_6", "::1");

  @ParameterizedTest
  @CsvSource({
    "redis://redis_cache,redis://127.0.0.1:6379",
    "redis://u:p%40w_@redis_cache:6380/3?x=1,redis://u:p%40w_@127.0.0.1:6380/3?x=1",
    "redis://redis_6:1,redis://[0:0:0:0:0:0:0:1]:1"
  })
  void anAddressStandsInThePlaceOfTheName(String url, String resolved, VertxTestContext test) {
    HostLookup.resolve(new RedisOptions().setConnectionString(url), HostLookupTest::address)
        .onComplete(
            test.succeeding(
                options ->
                    test.verify(() -> assertThat(options.getEndpoint()).isEqualTo(resolved))
                        .completeNow()));
  }

  @Test
  void aServerOfSuchANameIsSpokenTo(Vertx vertx, VertxTestContext test) {
    ScriptedRedis.start(vertx, (connection, command) -> ScriptedRedis.OK)
        .compose(
            server -> {
              String url = server.url().replace("127.0.0.1", "redis_cache");
              return HostLookup.resolve(
                  new RedisOptions().setConnectionString(url), HostLookupTest::address);
            })
        .compose(options -> PipelinedConnection.dial(vertx.getOrCreateContext(), options, 5_000))
        .compose(
            connection -> connection.send(Request.cmd(Command.PING)).eventually(connection::close))
        .onComplete(
            test.succeeding(
                reply -> test.verify(() -> assertThat(reply).hasToString("OK")).completeNow()));
  }

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

  private static Future<InetAddress> address(String name) {
    try {
      return Future.succeededFuture(InetAddress.getByName(NAMES.get(name)));
    } catch (UnknownHostException impossible) { // an address is not looked up
      return Future.failedFuture(impossible);
    }
  }
}
