package dev.refrain.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Observer.Lookup;
import dev.refrain.completion.Source;
import dev.refrain.redis.RedisLog;
import dev.refrain.testing.RedisFixture;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Redis slow, hung, dead or somebody else: it costs hits, never an answer, and heals by itself. */
class RedisTroubleIT {
  private static final Fingerprint ONE = Entries.fingerprint(1);
  private static final Duration BUDGET = Duration.ofMillis(200);

  @Test
  void aFrozenRedisCostsTheBudgetThenNothingAndItsHitsComeBack() throws Exception {
    try (RedisFixture redis = new RedisFixture();
        Stage stage = new Stage(Stage.settings(redis.url(), BUDGET, 3, 10)).awaitUp()) {
      stage.store(ONE);
      redis.freeze();
      stage.ear.lookups.clear();

      Duration first = Stage.timed(() -> stage.askSource(ONE));
      assertThat(first).isBetween(BUDGET.minusMillis(20), Duration.ofSeconds(10));
      stage.askSource(ONE);
      stage.askSource(ONE);
      assertThat(stage.link.isUp()).isFalse();

      // Were they to wait, two thousand would take 400 s; a handful of probes is allowed for.
      Duration further = Stage.timed(() -> askTimes(stage, 2_000));
      assertThat(further).isLessThan(Duration.ofSeconds(60));
      assertThat(stage.ear.lookups).hasSize(2_003).containsOnly(Lookup.ERROR);

      redis.thaw();
      stage.store(ONE);
      assertThat(stage.ear.states).startsWith(true, false).endsWith(true);
    }
  }

  @Test
  void aKilledRedisIsMissedAtOnceAndItsSuccessorIsFound() throws Exception {
    try (RedisFixture redis = new RedisFixture();
        Stage stage = new Stage(Stage.settings(redis.url(), BUDGET, 3, 10)).awaitUp()) {
      stage.store(ONE);
      for (int round = 0; round < 3; round++) {
        redis.kill();
        assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
        assertThat(Stage.timed(() -> askTimes(stage, 1_000))).isLessThan(Duration.ofSeconds(60));
        assertThat(stage.link.isUp()).isFalse();
        redis.start();
        stage.store(ONE);
      }
      assertThat(stage.ear.states).startsWith(true, false, true, false, true, false).endsWith(true);
    }
  }

  @Test
  void whatRedisDoesNotAllowIsSaidOnceAndCostsOnlyHits() {
    Logger logger = (Logger) LoggerFactory.getLogger(RedisLog.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.WARN);
    try (RedisFixture redis = new RedisFixture()) {
      Request weak = Request.cmd(Command.ACL).arg("SETUSER").arg("weak").arg("on");
      redis.command(weak.arg(">secret").arg("~*").arg("+@connection"));
      String url = "redis://weak:secret@127.0.0.1:" + redis.port();
      try (Stage stage = new Stage(Stage.settings(url, BUDGET, 3, 10)).awaitUp()) {
        for (int i = 0; i < 10; i++) {
          assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> stage.ear.dropped.get() == 10);
        assertThat(stage.link.isUp()).as("every command is refused").isFalse();
        redis.command(Request.cmd(Command.ACL).arg("SETUSER").arg("weak").arg("+@all"));
        stage.store(ONE);
        assertThat(stage.link.isUp()).isTrue();
      }
      assertThat(lines.list).extracting(ILoggingEvent::getFormattedMessage).hasSize(1);
      assertThat(lines.list.get(0).getFormattedMessage())
          .startsWith("redis refuses GETRANGE (NOPERM)")
          .doesNotContain(Stage.key(ONE), "secret");
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(null);
    }
  }

  @Test
  void aRedisThatIsNotThereYetIsFoundWhenItComes() {
    try (RedisFixture redis = new RedisFixture()) {
      redis.kill();
      try (Stage stage = new Stage(Stage.settings(redis.url(), BUDGET, 3, 10))) {
        assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
        redis.start();
        stage.store(ONE);
      }
    }
  }

  @Test
  void aListenerThatNeverAnswersIsNeverWaitedFor() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Stage stage =
            new Stage(Stage.settings("redis://127.0.0.1:" + mute.getLocalPort(), BUDGET, 3, 10))) {
      assertThat(Stage.timed(() -> askTimes(stage, 2_000))).isLessThan(Duration.ofSeconds(60));
      assertThat(stage.next.calls).hasValue(2_000);
      assertThat(stage.ear.lookups).containsOnly(Lookup.ERROR);
      assertThat(stage.ear.dropped).hasValue(2_000);
    }
  }

  @Test
  void anAttemptThatHangsIsGivenUpAndItsSocketClosed() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Stage stage =
            new Stage(Stage.settings("redis://127.0.0.1:" + mute.getLocalPort(), BUDGET, 3, 10))) {
      mute.setSoTimeout(10_000);
      for (int attempt = 0; attempt < 3; attempt++) {
        try (var peer = mute.accept()) {
          peer.setSoTimeout(10_000);
          assertThat(peer.getInputStream().readAllBytes()).asString().containsIgnoringCase("hello");
        }
      }
      assertThat(stage.ear.states).isEmpty();
    }
  }

  @Test
  void somethingThatSpeaksAnotherLanguageIsNoRedis() throws Exception {
    try (ServerSocket web = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Stage stage =
            new Stage(Stage.settings("redis://127.0.0.1:" + web.getLocalPort(), BUDGET, 3, 10))) {
      web.setSoTimeout(10_000);
      for (int attempt = 0; attempt < 2; attempt++) {
        try (var peer = web.accept()) {
          peer.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes());
          assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
        }
      }
      assertThat(stage.link.isUp()).isFalse();
    }
  }

  @Test
  void aServerThatGreetsAndThenFallsSilentIsProbedByOneRequestAtATime() throws Exception {
    Vertx vertx = Vertx.vertx();
    AtomicInteger commands = new AtomicInteger();
    NetServer polite = vertx.createNetServer().connectHandler(peer -> greet(peer, commands));
    Stage.join(polite.listen(0, "127.0.0.1"));
    Stage.Settings settings =
        Stage.settings("redis://127.0.0.1:" + polite.actualPort(), BUDGET, 3, 0);
    try (Stage stage = new Stage(settings).awaitUp()) {
      List<CompletionRequest> burst = LongStream.range(0, 50).mapToObj(n -> request(n)).toList();
      for (CompletionRequest alone : burst.subList(0, 3)) {
        stage.begin(List.of(alone)).forEach(Stage::join);
      }
      assertThat(commands).hasValue(3);
      AtomicInteger bursts = new AtomicInteger();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                stage.begin(burst).forEach(Stage::join);
                bursts.incrementAndGet();
                return commands.get() >= 6;
              });
      assertThat(commands.get()).isLessThanOrEqualTo(3 + bursts.get());
      assertThat(stage.ear.states).containsExactly(true, false);
    } finally {
      Stage.join(vertx.close());
    }
  }

  @Test
  void writesUnderWayAreBoundedAndTheRestIsCounted() {
    int limit = 5;
    try (RedisFixture redis = new RedisFixture();
        Stage stage = new Stage(Stage.settings(redis.url(), BUDGET, 1_000, limit)).awaitUp()) {
      redis.freeze();
      stage.begin(LongStream.range(0, 20).mapToObj(n -> request(n)).toList()).forEach(Stage::join);
      assertThat(stage.ear.dropped).hasValue(20 - limit);
      await().until(() -> stage.ear.dropped.get() == 20);
      redis.thaw();
      stage.store(ONE);
    }
  }

  @Test
  void whoeverStopsWaitingIsReleasedAtOnceAndNobodyElseIsAsked() {
    Duration patient = Duration.ofSeconds(20);
    try (RedisFixture redis = new RedisFixture();
        Stage stage = new Stage(Stage.settings(redis.url(), patient, 3, 10)).awaitUp()) {
      redis.freeze();
      CompletionRequest request = request(1);
      Future<Completion> answer = stage.begin(List.of(request)).get(0);
      assertThat(answer.isComplete()).isFalse();
      stage.onLoop(
          () -> {
            request.cancellation().cancel();
            return Future.succeededFuture();
          });
      assertThatThrownBy(() -> Stage.join(answer))
          .isInstanceOfSatisfying(
              Failure.class,
              failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.CANCELLED));
      assertThat(stage.next.calls).hasValue(0);
      redis.thaw();
    }
  }

  @Test
  void closingIsBoundedEvenIfRedisIsFrozen() throws Exception {
    try (RedisFixture redis = new RedisFixture()) {
      Stage stage = new Stage(Stage.settings(redis.url(), BUDGET, 1_000, 10)).awaitUp();
      redis.freeze();
      assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
      Duration bound = Duration.ofMillis(WriteBehind.PATIENCE).multipliedBy(5);
      assertThat(Stage.timed(() -> stage.onLoop(stage::shut))).isLessThan(bound);
      stage.close();
    }
  }

  private static void greet(NetSocket peer, AtomicInteger commands) {
    AtomicBoolean greeted = new AtomicBoolean();
    peer.handler(
        bytes -> {
          if (greeted.compareAndSet(false, true)) {
            peer.write("+OK\r\n");
          } else {
            commands.addAndGet(bytes.toString().split("getrange", -1).length - 1);
          }
        });
  }

  private static CompletionRequest request(long n) {
    return Entries.request(Entries.fingerprint(n));
  }

  private static Object askTimes(Stage stage, int times) {
    for (int i = 0; i < times; i++) {
      stage.askSource(ONE);
    }
    return null;
  }
}
