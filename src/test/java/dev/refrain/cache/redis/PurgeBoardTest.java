package dev.refrain.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Purge;
import dev.refrain.testing.RedisFixture;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PurgeBoardTest {
  private static final Duration RETENTION = Duration.ofHours(1);
  private static final Purge MODEL = new Purge.OfModel("m:1 ü");
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
    SharedCacheFixture.join(board.publish());

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
    SharedCacheFixture.join(board.publish());
    redis.command(Request.cmd(Command.FLUSHALL));
    await().atMost(Duration.ofSeconds(5)).until(() -> redis.keys() == 1);
  }

  @Test
  void aPurgeToldWhileRedisIsAwayIsToldWhenItIsBack() {
    PurgeBoard board = board(here, here.purgeMarks);
    board(there, there.purgeMarks);
    redis.kill();
    here.purgeMarks.add(Purge.ALL, now);
    assertThat(board.publish().transform((done, cause) -> Future.succeededFuture(cause != null)))
        .satisfies(told -> assertThat(SharedCacheFixture.join(told)).isTrue());
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
    return sharedCacheFixture.onLoop(
        () -> Future.succeededFuture(sharedCacheFixture.board(purgeMarks)));
  }
}
