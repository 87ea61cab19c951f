package dev.refrain.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.refrain.cache.Entries;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer.Lookup;
import dev.refrain.inference.Source;
import dev.refrain.redis.RedisLog;
import dev.refrain.testing.LogLines;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.TestLoop;
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

/** Redis slow, hung, dead or somebody else: it costs hits, never an answer, and heals by itself. */
class RedisErrorsIT {
  private static final Fingerprint ONE = Entries.fingerprint(1);
  private static final Duration BUDGET = Duration.ofMillis(200);

  @Test
  void aFrozenRedisCostsTheBudgetThenNothingAndItsHitsComeBack() throws Exception {
    try (RedisFixture redis = new RedisFixture();
        SharedCacheFixture sharedCacheFixture =
            new SharedCacheFixture(SharedCacheFixture.settings(redis.url(), BUDGET, 3, 10))
                .awaitUp()) {
      sharedCacheFixture.store(ONE);
      redis.freeze();
      sharedCacheFixture.observedEvents.lookups.clear();

      Duration first = SharedCacheFixture.timed(() -> sharedCacheFixture.askSource(ONE));
      assertThat(first).isBetween(BUDGET.minusMillis(20), Duration.ofSeconds(10));
      sharedCacheFixture.askSource(ONE);
      sharedCacheFixture.askSource(ONE);
      assertThat(sharedCacheFixture.link.isUp()).isFalse();

      // Were they to wait, two thousand would take 400 s; a handful of probes is allowed for.
      Duration further = SharedCacheFixture.timed(() -> askTimes(sharedCacheFixture, 2_000));
      assertThat(further).isLessThan(Duration.ofSeconds(60));
      assertThat(sharedCacheFixture.observedEvents.lookups)
          .hasSize(2_003)
          .containsOnly(Lookup.ERROR);

      redis.thaw();
      sharedCacheFixture.store(ONE);
      assertThat(sharedCacheFixture.observedEvents.states).startsWith(true, false).endsWith(true);
    }
  }

  @Test
  void aKilledRedisIsMissedAtOnceAndItsSuccessorIsFound() throws Exception {
    try (RedisFixture redis = new RedisFixture();
        SharedCacheFixture sharedCacheFixture =
            new SharedCacheFixture(SharedCacheFixture.settings(redis.url(), BUDGET, 3, 10))
                .awaitUp()) {
      sharedCacheFixture.store(ONE);
      for (int round = 0; round < 3; round++) {
        redis.kill();
        assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
        assertThat(SharedCacheFixture.timed(() -> askTimes(sharedCacheFixture, 1_000)))
            .isLessThan(Duration.ofSeconds(60));
        assertThat(sharedCacheFixture.link.isUp()).isFalse();
        redis.start();
        sharedCacheFixture.store(ONE);
      }
      assertThat(sharedCacheFixture.observedEvents.states)
          .startsWith(true, false, true, false, true, false)
          .endsWith(true);
    }
  }

  @Test
  void whatRedisDoesNotAllowIsSaidOnceAndCostsOnlyHits() {
    try (LogLines lines = LogLines.of(RedisLog.class);
        RedisFixture redis = new RedisFixture()) {
      Request weak = Request.cmd(Command.ACL).arg("SETUSER").arg("weak").arg("on");
      redis.command(weak.arg(">secret").arg("~*").arg("+@connection"));
      String url = "redis://weak:secret@127.0.0.1:" + redis.port();
      try (SharedCacheFixture sharedCacheFixture =
          new SharedCacheFixture(SharedCacheFixture.settings(url, BUDGET, 3, 10)).awaitUp()) {
        for (int i = 0; i < 10; i++) {
          assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
        }
        await()
            .atMost(Duration.ofSeconds(10))
            .until(() -> sharedCacheFixture.observedEvents.dropped.get() == 10);
        assertThat(sharedCacheFixture.link.isUp()).as("every command is refused").isFalse();
        redis.command(Request.cmd(Command.ACL).arg("SETUSER").arg("weak").arg("+@all"));
        sharedCacheFixture.store(ONE);
        assertThat(sharedCacheFixture.link.isUp()).isTrue();
      }
      List<String> rejections =
          lines.messages().stream().filter(line -> line.contains("rejects")).toList();
      assertThat(rejections).hasSize(1);
      assertThat(rejections.get(0))
          .startsWith("redis rejects GETRANGE (NOPERM)")
          .doesNotContain(SharedCacheFixture.key(ONE), "secret");
    }
  }

  @Test
  void aRedisThatIsNotThereYetIsFoundWhenItComes() {
    try (RedisFixture redis = new RedisFixture()) {
      redis.kill();
      try (SharedCacheFixture sharedCacheFixture =
          new SharedCacheFixture(SharedCacheFixture.settings(redis.url(), BUDGET, 3, 10))) {
        assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
        redis.start();
        sharedCacheFixture.store(ONE);
      }
    }
  }

  @Test
  void aListenerThatNeverAnswersIsNeverWaitedFor() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        SharedCacheFixture sharedCacheFixture =
            new SharedCacheFixture(
                SharedCacheFixture.settings(
                    "redis://127.0.0.1:" + mute.getLocalPort(), BUDGET, 3, 10))) {
      assertThat(SharedCacheFixture.timed(() -> askTimes(sharedCacheFixture, 2_000)))
          .isLessThan(Duration.ofSeconds(60));
      assertThat(sharedCacheFixture.next.calls).hasValue(2_000);
      assertThat(sharedCacheFixture.observedEvents.lookups).containsOnly(Lookup.ERROR);
      assertThat(sharedCacheFixture.observedEvents.dropped).hasValue(2_000);
    }
  }

  @Test
  void anAttemptThatHangsIsGivenUpAndItsSocketClosed() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        SharedCacheFixture sharedCacheFixture =
            new SharedCacheFixture(
                SharedCacheFixture.settings(
                    "redis://127.0.0.1:" + mute.getLocalPort(), BUDGET, 3, 10))) {
      mute.setSoTimeout(10_000);
      for (int attempt = 0; attempt < 3; attempt++) {
        try (var peer = mute.accept()) {
          peer.setSoTimeout(10_000);
          assertThat(peer.getInputStream().readAllBytes()).asString().containsIgnoringCase("hello");
        }
      }
      assertThat(sharedCacheFixture.observedEvents.states).isEmpty();
    }
  }

  @Test
  void somethingThatSpeaksAnotherLanguageIsNoRedis() throws Exception {
    try (ServerSocket web = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        SharedCacheFixture sharedCacheFixture =
            new SharedCacheFixture(
                SharedCacheFixture.settings(
                    "redis://127.0.0.1:" + web.getLocalPort(), BUDGET, 3, 10))) {
      web.setSoTimeout(10_000);
      for (int attempt = 0; attempt < 2; attempt++) {
        try (var peer = web.accept()) {
          peer.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes());
          assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
        }
      }
      assertThat(sharedCacheFixture.link.isUp()).isFalse();
    }
  }

  @Test
  void aServerThatGreetsAndThenFallsSilentIsProbedByOneRequestAtATime() throws Exception {
    Vertx vertx = Vertx.vertx();
    AtomicInteger commands = new AtomicInteger();
    NetServer polite = vertx.createNetServer().connectHandler(peer -> greet(peer, commands));
    TestLoop.join(polite.listen(0, "127.0.0.1"));
    SharedCacheFixture.Settings settings =
        SharedCacheFixture.settings("redis://127.0.0.1:" + polite.actualPort(), BUDGET, 3, 0);
    try (SharedCacheFixture sharedCacheFixture = new SharedCacheFixture(settings).awaitUp()) {
      List<InferenceRequest> burst = LongStream.range(0, 50).mapToObj(n -> request(n)).toList();
      for (InferenceRequest alone : burst.subList(0, 3)) {
        sharedCacheFixture.begin(List.of(alone)).forEach(TestLoop::join);
      }
      assertThat(commands).hasValue(3);
      AtomicInteger bursts = new AtomicInteger();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                sharedCacheFixture.begin(burst).forEach(TestLoop::join);
                bursts.incrementAndGet();
                return commands.get() >= 6;
              });
      assertThat(commands.get()).isLessThanOrEqualTo(3 + bursts.get());
      assertThat(sharedCacheFixture.observedEvents.states).containsExactly(true, false);
    } finally {
      TestLoop.join(vertx.close());
    }
  }

  @Test
  void writesUnderWayAreBoundedAndTheRestIsCounted() {
    int limit = 5;
    try (RedisFixture redis = new RedisFixture();
        SharedCacheFixture sharedCacheFixture =
            new SharedCacheFixture(SharedCacheFixture.settings(redis.url(), BUDGET, 1_000, limit))
                .awaitUp()) {
      redis.freeze();
      sharedCacheFixture
          .begin(LongStream.range(0, 20).mapToObj(n -> request(n)).toList())
          .forEach(TestLoop::join);
      assertThat(sharedCacheFixture.observedEvents.dropped).hasValue(20 - limit);
      await().until(() -> sharedCacheFixture.observedEvents.dropped.get() == 20);
      redis.thaw();
      sharedCacheFixture.store(ONE);
    }
  }

  @Test
  void whoeverStopsWaitingIsReleasedAtOnceAndNobodyElseIsAsked() {
    Duration patient = Duration.ofSeconds(20);
    try (RedisFixture redis = new RedisFixture();
        SharedCacheFixture sharedCacheFixture =
            new SharedCacheFixture(SharedCacheFixture.settings(redis.url(), patient, 3, 10))
                .awaitUp()) {
      redis.freeze();
      InferenceRequest request = request(1);
      Future<InferenceResponse> answer = sharedCacheFixture.begin(List.of(request)).get(0);
      assertThat(answer.isComplete()).isFalse();
      sharedCacheFixture.loop.call(
          () -> {
            request.cancellation().cancel();
            return Future.succeededFuture();
          });
      assertThatThrownBy(() -> TestLoop.join(answer))
          .isInstanceOfSatisfying(
              Failure.class,
              failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.CANCELLED));
      assertThat(sharedCacheFixture.next.calls).hasValue(0);
      redis.thaw();
    }
  }

  @Test
  void closingIsBoundedEvenIfRedisIsFrozen() throws Exception {
    try (RedisFixture redis = new RedisFixture()) {
      SharedCacheFixture sharedCacheFixture =
          new SharedCacheFixture(SharedCacheFixture.settings(redis.url(), BUDGET, 1_000, 10))
              .awaitUp();
      redis.freeze();
      assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
      Duration bound = Duration.ofMillis(WriteBehind.PATIENCE).multipliedBy(5);
      assertThat(
              SharedCacheFixture.timed(
                  () -> sharedCacheFixture.loop.call(sharedCacheFixture::shut)))
          .isLessThan(bound);
      sharedCacheFixture.close();
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

  private static InferenceRequest request(long n) {
    return Entries.request(Entries.fingerprint(n));
  }

  private static Object askTimes(SharedCacheFixture sharedCacheFixture, int times) {
    for (int i = 0; i < times; i++) {
      sharedCacheFixture.askSource(ONE);
    }
    return null;
  }
}
