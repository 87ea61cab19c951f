package dev.refrain.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.cache.Epochs;
import dev.refrain.completion.Purge;
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
  private final Stage here = new Stage(Stage.settings(redis.url())).awaitUp();
  private final Stage there = new Stage(Stage.settings(redis.url())).awaitUp();
  private final long now = System.currentTimeMillis();

  @AfterEach
  void stop() {
    here.close();
    there.close();
    redis.close();
  }

  @Test
  void aPurgeReachesTheOthersAndWhoComesLater() {
    PurgeBoard board = board(here, here.epochs);
    board(there, there.epochs);
    here.epochs.add(MODEL, now);
    here.epochs.add(new Purge.OfScope(-5), now + 1);
    Stage.join(board.tell());

    await().atMost(Duration.ofSeconds(10)).until(() -> there.epochs.marks().size() == 2);
    assertThat(there.epochs.marks()).isEqualTo(here.epochs.marks()).containsEntry(MODEL, now);

    Epochs late = new Epochs(RETENTION, System::currentTimeMillis);
    late.complete(false);
    board(there, late);
    await().until(late::isComplete);
    assertThat(late.marks()).isEqualTo(here.epochs.marks());
  }

  @Test
  void aPurgeIsToldAgainWhenRedisForgotIt() {
    PurgeBoard board = board(here, here.epochs);
    here.epochs.add(MODEL, now);
    Stage.join(board.tell());
    redis.command(Request.cmd(Command.FLUSHALL));
    await().atMost(Duration.ofSeconds(5)).until(() -> redis.keys() == 1);
  }

  @Test
  void aPurgeToldWhileRedisIsAwayIsToldWhenItIsBack() {
    PurgeBoard board = board(here, here.epochs);
    board(there, there.epochs);
    redis.kill();
    here.epochs.add(Purge.ALL, now);
    assertThat(board.tell().transform((done, cause) -> Future.succeededFuture(cause != null)))
        .satisfies(told -> assertThat(Stage.join(told)).isTrue());
    redis.start();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> there.epochs.marks().equals(Map.of(Purge.ALL, now)));
  }

  @Test
  void whatExpiredIsRemovedAndWhatCannotBeUnderstoodConcernsEverything() {
    put("model:old", now - RETENTION.toMillis() - 60_000);
    put("tenant:7", now);
    board(here, here.epochs);
    await().until(() -> here.epochs.marks().equals(Map.of(Purge.ALL, now)));
    await().until(() -> redis.command(Request.cmd(Command.HLEN).arg(KEY)).toInteger() == 1);
    assertThat(redis.command(Request.cmd(Command.HGET).arg(KEY).arg("all:true")).toLong())
        .isEqualTo(now);
  }

  private void put(String what, long epoch) {
    redis.command(Request.cmd(Command.HSET).arg(KEY).arg(what).arg(epoch));
  }

  private static PurgeBoard board(Stage stage, Epochs epochs) {
    return stage.onLoop(() -> Future.succeededFuture(stage.board(epochs)));
  }
}
