package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.inference.Observer;
import dev.refrain.testing.LogLines;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.ScriptedRedis;
import dev.refrain.testing.TestLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.junit5.VertxExtension;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that can be reached, but do no work: the connection to them is given up. */
@ExtendWith(VertxExtension.class)
class UnusableServerTest {
  private static final String MASTER = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
  private static final String REPLICA = "*1\r\n$5\r\nslave\r\n";
  private static final Duration SOON = Duration.ofSeconds(20);

  private final LogLines lines = LogLines.of(RedisLog.class);
  private Context loop;
  private RedisLink link;

  @BeforeEach
  void listen(Vertx vertx) {
    loop = vertx.getOrCreateContext();
  }

  @AfterEach
  void close() {
    if (link != null) {
      onLoop(link::close);
    }
    lines.close();
  }

  @Test
  void aNameThatMovesToAnotherMasterIsFollowedThoughTheOldOneKeepsItsConnections(Vertx vertx) {
    try (RedisFixture old = new RedisFixture();
        RedisFixture other = new RedisFixture()) {
      AtomicInteger port = new AtomicInteger(old.port());
      NetServer name = vertx.createNetServer().connectHandler(peer -> pass(vertx, peer, port));
      TestLoop.join(name.listen(0, "127.0.0.1"));
      connect(vertx, "redis://127.0.0.1:" + name.actualPort());
      assertThat(set()).isNull();

      old.command(Request.cmd(Command.REPLICAOF).arg("127.0.0.1").arg(other.port()));
      assertThat(set()).hasMessageStartingWith("READONLY");
      await().atMost(SOON).until(() -> !link.isUp());
      port.set(other.port());

      await().atMost(SOON).until(() -> set() == null);
      assertThat(other.calls()).containsKey("set");
      await().atMost(SOON).until(link::isUp);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "READONLY You can't write against a read only replica.",
        "ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write",
        "LOADING Redis is loading the dataset in memory",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "UNBLOCKED force unblock from blocking operation, instance state changed",
        "CLUSTERDOWN Hash slot not served",
        "NOAUTH Authentication required."
      })
  void aServerThatSaysSoIsDialledAnewAndUsedAgainOnceItPassesTheCheck(String error, Vertx vertx) {
    int recovered = 4;
    ScriptedRedis redis =
        script(
            vertx,
            (connection, command) -> {
              if (command.equals("role")) {
                return connection < recovered ? REPLICA : MASTER;
              }
              return command.equals("set") && connection < recovered
                  ? "-" + error + "\r\n"
                  : ScriptedRedis.OK;
            });
    connect(vertx, redis.url());

    assertThat(set()).hasMessage(error);
    assertThat(link.isUp()).as("up after the refusal").isFalse();
    await().atMost(SOON).until(() -> redis.connections() == recovered);
    await().atMost(SOON).until(() -> set() == null && link.isUp());
    assertThat(lines.messages()).filteredOn(line -> line.contains("reachable")).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOPERM no permissions", "OOM command not allowed", "ERR of a proxy"})
  void aServerThatRefusesEverythingIsNotUpUntilItDoesSomething(String error, Vertx vertx) {
    ScriptedRedis redis =
        script(
            vertx,
            (connection, command) ->
                command.equals("set") ? "-" + error + "\r\n" : ScriptedRedis.OK);
    connect(vertx, redis.url());

    for (int i = 0; i < 3; i++) {
      assertThat(link.isUp()).isTrue();
      assertThat(set()).hasMessage(error);
    }
    assertThat(link.isUp()).isFalse();
    assertThat(send(Request.cmd(Command.GET).arg("k"))).isNull();
    assertThat(link.isUp()).isTrue();
    assertThat(redis.connections()).isEqualTo(1);
  }

  @Test
  void aServerThatGreetsAndBreaksOffIsAskedLessAndLessAndLoggedOnce(Vertx vertx) {
    ScriptedRedis redis =
        script(
            vertx,
            (connection, command) -> {
              return command.equals("get") ? null : ScriptedRedis.OK;
            });
    connect(vertx, redis.url());

    await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              send(Request.cmd(Command.GET).arg("k"));
              return redis.connections() == 6;
            });
    assertThat(lines.messages())
        .containsExactly(
            "redis is reachable", "redis is not reachable: connection lost; continuing without it");
    assertThat(link.isUp()).isFalse();
  }

  private static void pass(Vertx vertx, NetSocket peer, AtomicInteger port) {
    peer.pause();
    vertx
        .createNetClient()
        .connect(port.get(), "127.0.0.1")
        .onFailure(cause -> peer.close())
        .onSuccess(
            there -> {
              peer.handler(there::write).closeHandler(end -> there.close());
              there.handler(peer::write).closeHandler(end -> peer.close());
              peer.resume();
            });
  }

  private static ScriptedRedis script(Vertx vertx, ScriptedRedis.Script script) {
    return TestLoop.join(ScriptedRedis.start(vertx, script));
  }

  private void connect(Vertx vertx, String url) {
    RedisSettings settings =
        new RedisSettings(
            new Servers.Single(url), Duration.ofSeconds(2), 100, 3, Duration.ofMillis(100));
    link =
        onLoop(
            () ->
                Future.succeededFuture(
                    RedisLink.open(vertx, settings, new RedisLog(), Observer.NONE)));
    await().atMost(SOON).until(link::isUp);
  }

  /** Writes a key; null if that worked. */
  private Throwable set() {
    return send(Request.cmd(Command.SET).arg("k").arg("v"));
  }

  private Throwable send(Request request) {
    return onLoop(() -> link.send("k", request, 2_000).transform(UnusableServerTest::cause));
  }

  private static Future<Throwable> cause(Response reply, Throwable cause) {
    return Future.succeededFuture(cause);
  }

  private <T> T onLoop(Supplier<Future<T>> work) {
    Promise<T> done = Promise.promise();
    loop.runOnContext(start -> work.get().onComplete(done));
    return TestLoop.join(done.future());
  }
}
