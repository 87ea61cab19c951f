package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.inference.Observer;
import dev.refrain.testing.RedisFixture;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetServer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An event loop that stands still while Redis does not. */
class StallTest {
  private static final int LOOK_UPS = 20;
  private static final long BUDGET = 1_000;

  private final RedisFixture redis = new RedisFixture();
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context loop = vertx.getOrCreateContext();
  private RedisLink link;

  @BeforeEach
  void connect() {
    RedisSettings settings =
        new RedisSettings(
            new Servers.Single(redis.url()), Duration.ofSeconds(2), 100, 3, Duration.ofMinutes(1));
    link =
        onLoop(
            () ->
                Future.succeededFuture(
                    RedisLink.open(vertx, settings, new RedisLog(), Observer.NONE)));
    await().atMost(Duration.ofSeconds(30)).until(link::isUp);
  }

  @AfterEach
  void stop() {
    onLoop(link::close);
    vertx.close().await();
    redis.close();
  }

  @Test
  void repliesThatCameMeanwhileAreReadAndNotTakenForSilence() throws Exception {
    CompletableFuture<List<Future<Response>>> sent = new CompletableFuture<>();
    redis.freeze();
    try (Socket caller = new Socket("127.0.0.1", standingStillForWhoeverCalls())) {
      loop.runOnContext(v -> sent.complete(lookUps()));
      List<Future<Response>> replies = sent.join();
      caller.getOutputStream().write('x');

      Future.join(replies).otherwiseEmpty().await();
      assertThat(replies).allMatch(Future::succeeded);
      assertThat(link.isUp()).isTrue();
    } finally {
      redis.thaw();
    }
  }

  @Test
  void aMomentInWhichTheLoopStoodStillIsNotCountedAsSilenceOfRedis() {
    CompletableFuture<List<Future<Response>>> sent = new CompletableFuture<>();
    redis.freeze();
    try {
      loop.runOnContext(
          v -> {
            List<Future<Response>> replies = lookUps();
            standStill(BUDGET + BUDGET / 10);
            vertx.setTimer(20, awake -> redis.thaw());
            sent.complete(replies);
          });
      List<Future<Response>> replies = sent.join();
      Future.join(replies).otherwiseEmpty().await();
      assertThat(replies).allMatch(Future::succeeded);
      assertThat(link.breaker()).isEqualTo(RedisLink.State.CLOSED);
    } finally {
      redis.thaw();
    }
  }

  @Test
  void silenceOfRedisIsCountedWhereTheLoopIsAwake() {
    redis.freeze();
    try {
      Throwable cause =
          onLoop(
              () ->
                  link.send("k", Request.cmd(Command.GET).arg("k"), 50)
                      .transform((reply, late) -> Future.succeededFuture(late)));
      assertThat(cause).isInstanceOf(TimeoutException.class);
    } finally {
      redis.thaw();
    }
  }

  private List<Future<Response>> lookUps() {
    return Stream.generate(() -> link.send("k", Request.cmd(Command.GET).arg("k"), BUDGET))
        .limit(LOOK_UPS)
        .toList();
  }

  /** A port of the same event loop; while it reads, Redis answers, and time is up. */
  private int standingStillForWhoeverCalls() {
    NetServer server =
        onLoop(
            () ->
                vertx
                    .createNetServer()
                    .connectHandler(
                        peer ->
                            peer.handler(
                                call -> {
                                  redis.thaw();
                                  standStill(2 * BUDGET);
                                }))
                    .listen(0, "127.0.0.1"));
    return server.actualPort();
  }

  private static void standStill(long millis) {
    long until = System.nanoTime() + millis * 1_000_000;
    while (System.nanoTime() - until < 0) {
      Thread.onSpinWait();
    }
  }

  private <T> T onLoop(Supplier<Future<T>> action) {
    Promise<T> done = Promise.promise();
    loop.runOnContext(v -> action.get().onComplete(done));
    return done.future().await();
  }
}
