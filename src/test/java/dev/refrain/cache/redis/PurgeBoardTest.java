package dev.refrain.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.refrain.cache.Entries;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Source;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.TestLoop;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PurgeBoardTest {
  private static final Duration RETENTION = Duration.ofHours(1);
  private static final Purge MODEL = new Purge.OfModel("m:1 ü");
  private static final Purge MODEL_OF_ENTRIES = new Purge.OfModel("m");
  private static final String KEY = "test:1:epochs";

  private final RedisFixture redis = new RedisFixture();
  private final SharedCacheFixture here =
      new SharedCacheFixture(SharedCacheFixture.settings(redis.url())).awaitUp();
  private final SharedCacheFixture there =
      new SharedCacheFixture(SharedCacheFixture.settings(redis.url())).awaitUp();
  private final long now = System.currentTimeMillis();

  @AfterEach
  void stop() {
    here.close();
    there.close();
    redis.close();
  }

  @Test
  void aPurgeReachesTheOthersAndWhoComesLater() {
    PurgeBoard board = board(here, here.purgeMarks);
    board(there, there.purgeMarks);
    here.purgeMarks.add(MODEL, now);
    here.purgeMarks.add(new Purge.OfScope(-5), now + 1);
    TestLoop.join(board.publish());

    await().atMost(Duration.ofSeconds(10)).until(() -> there.purgeMarks.marks().size() == 2);
    assertThat(there.purgeMarks.marks())
        .isEqualTo(here.purgeMarks.marks())
        .containsEntry(MODEL, now);

    PurgeMarks late = new PurgeMarks(RETENTION, System::currentTimeMillis);
    late.complete(false);
    board(there, late);
    await().until(late::isComplete);
    assertThat(late.marks()).isEqualTo(here.purgeMarks.marks());
  }

  @Test
  void aPurgeIsToldAgainWhenRedisForgotIt() {
    PurgeBoard board = board(here, here.purgeMarks);
    here.purgeMarks.add(MODEL, now);
    TestLoop.join(board.publish());
    redis.kill();
    redis.start();
    await().atMost(Duration.ofSeconds(20)).until(() -> redis.keys() == 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aMarkThatTheOperatorDeletesIsNotWrittenAgainNotEvenOverAnotherConnection(boolean all) {
    PurgeBoard board = board(here, here.purgeMarks);
    PurgeBoard other = board(there, there.purgeMarks);
    here.purgeMarks.add(Purge.ALL, now);
    TestLoop.join(board.publish());
    TestLoop.join(other.publish());
    redis.command(
        all
            ? Request.cmd(Command.DEL).arg(KEY)
            : Request.cmd(Command.HDEL).arg(KEY).arg("all:true"));
    TestLoop.join(board.publish());
    TestLoop.join(other.publish());
    assertThat(redis.keys()).isZero();

    redis.kill();
    redis.start();
    here.awaitUp();
    there.awaitUp();
    here.purgeMarks.add(MODEL, now + 1);
    TestLoop.join(board.publish());
    TestLoop.join(other.publish());
    assertThat(redis.command(Request.cmd(Command.HKEYS).arg(KEY)))
        .extracting(Response::toString)
        .containsExactly("model:m:1 ü");
    assertThat(here.purgeMarks.marks()).as("still hold here").containsKey(Purge.ALL);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1})
  void aPurgeHoldsEverywhereThoughClocksAreMinutesApart(long sign) {
    long apart = sign * Duration.ofMinutes(7).toMillis();
    try (SharedCacheFixture astray =
        new SharedCacheFixture(SharedCacheFixture.settings(redis.url()), apart).awaitUp()) {
      PurgeBoard board = board(here, here.purgeMarks);
      PurgeBoard off = board(astray, astray.purgeMarks);
      TestLoop.join(board.publish());
      TestLoop.join(off.publish());
      assertThat(astray.clock.offset()).isCloseTo(-apart, within(500L));
      Fingerprint one = Entries.fingerprint(1);
      Fingerprint two = Entries.fingerprint(2);
      here.store(one);
      astray.store(two);
      assertThat(astray.askSource(one)).isEqualTo(Source.REDIS);
      assertThat(here.askSource(two)).isEqualTo(Source.REDIS);

      astray.purgeMarks.add(Purge.ALL, astray.purgeMarks.now());
      TestLoop.join(off.publish());
      TestLoop.join(board.publish());
      for (SharedCacheFixture each : List.of(here, astray)) {
        assertThat(each.purgeMarks.covers(Entries.entry(one, Buffer.buffer("a"), now))).isTrue();
      }
      here.store(one);
      astray.store(two);
    }
  }

  @Test
  void aPurgeFromBeforeTheClocksWereComparedReachesTheOthers() {
    long behind = Duration.ofMinutes(7).toMillis();
    PurgeBoard board = board(here, here.purgeMarks);
    Fingerprint one = Entries.fingerprint(1);
    here.store(one);
    try (SharedCacheFixture astray =
        new SharedCacheFixture(SharedCacheFixture.settings(redis.url()), -behind).awaitUp()) {
      astray.purgeMarks.add(MODEL_OF_ENTRIES, astray.purgeMarks.now() + 1_000);
      TestLoop.join(board(astray, astray.purgeMarks).publish());
      TestLoop.join(board.publish());
      assertThat(here.askSource(one)).isEqualTo(Source.UPSTREAM);
    }
  }

  @Test
  void aMarkFromTheFutureIsTakenForOneOfNowAndTheCacheGoesOn() {
    put("all:true", now + Duration.ofDays(900).toMillis());
    PurgeBoard board = board(here, here.purgeMarks);
    PurgeBoard other = board(there, there.purgeMarks);
    TestLoop.join(board.publish());
    TestLoop.join(other.publish());

    Fingerprint one = Entries.fingerprint(1);
    here.store(one);
    assertThat(there.askSource(one)).isEqualTo(Source.REDIS);
    assertThat(redis.command(Request.cmd(Command.HGET).arg(KEY).arg("all:true")).toLong())
        .isBetween(now, System.currentTimeMillis() + 1_500);
  }

  @Test
  void anAnswerDatedInTheFutureIsNotServedForItWouldOutlastEveryPurge() {
    Fingerprint one = Entries.fingerprint(1);
    try (SharedCacheFixture ahead =
        new SharedCacheFixture(SharedCacheFixture.settings(redis.url()), 3_600_000).awaitUp()) {
      ahead.ask(Entries.request(one));
      await().until(() -> redis.keys() == 1);
    }
    assertThat(here.askSource(one)).isEqualTo(Source.UPSTREAM);
    await().until(() -> here.askSource(one) == Source.REDIS);
  }

  @Test
  void aPurgeToldWhileRedisIsAwayIsToldWhenItIsBack() {
    PurgeBoard board = board(here, here.purgeMarks);
    board(there, there.purgeMarks);
    redis.kill();
    here.purgeMarks.add(Purge.ALL, now);
    assertThat(board.publish().transform((done, cause) -> Future.succeededFuture(cause != null)))
        .satisfies(told -> assertThat(TestLoop.join(told)).isTrue());
    redis.start();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> there.purgeMarks.marks().equals(Map.of(Purge.ALL, now)));
  }

  @Test
  void whatExpiredIsRemovedAndWhatCannotBeUnderstoodConcernsEverything() {
    put("model:old", now - RETENTION.toMillis() - 60_000);
    put("tenant:7", now);
    board(here, here.purgeMarks);
    await().until(() -> here.purgeMarks.marks().equals(Map.of(Purge.ALL, now)));
    await().until(() -> redis.command(Request.cmd(Command.HLEN).arg(KEY)).toInteger() == 1);
    assertThat(redis.command(Request.cmd(Command.HGET).arg(KEY).arg("all:true")).toLong())
        .isEqualTo(now);
  }

  private void put(String what, long epoch) {
    redis.command(Request.cmd(Command.HSET).arg(KEY).arg(what).arg(epoch));
  }

  private static PurgeBoard board(SharedCacheFixture sharedCacheFixture, PurgeMarks purgeMarks) {
    return sharedCacheFixture.loop.call(
        () -> Future.succeededFuture(sharedCacheFixture.board(purgeMarks)));
  }
}
