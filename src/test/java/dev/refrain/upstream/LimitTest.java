package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.refrain.completion.Failure;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitTest {
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(3));
  private final List<String> admitted = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  void whoComesFirstIsLetInFirstAndOneTooManyIsRefused() throws Exception {
    Limit limit = new Limit(new Capacity(1, 1), 2);
    CompletableFuture<Void> done = new CompletableFuture<>();
    vertx.runOnContext(
        v -> {
          Limit.Seat first = seat(limit, "first");
          first.take();
          seat(limit, "second").take();
          seat(limit, "third").take();
          assertThat(admitted).containsExactly("first");
          assertThat(limit.waiting()).isEqualTo(2);
          assertThat(limit.isFull()).isTrue();
          assertThatExceptionOfType(Failure.class)
              .isThrownBy(() -> seat(limit, "fourth").take())
              .satisfies(full -> assertThat(full.kind()).isEqualTo(Failure.Kind.OVERLOADED));
          first.leave();
          first.leave();
          vertx.runOnContext(w -> done.complete(null));
        });
    done.get(20, TimeUnit.SECONDS);
    assertThat(admitted).containsExactly("first", "second");
    assertThat(limit.active()).isEqualTo(1);
    assertThat(limit.waiting()).isEqualTo(1);
  }

  @Test
  void whoLeavesTheQueueIsNotLetInAndMakesRoom() throws Exception {
    Limit limit = new Limit(new Capacity(1, 1), 1);
    CompletableFuture<Void> done = new CompletableFuture<>();
    vertx.runOnContext(
        v -> {
          Limit.Seat first = seat(limit, "first");
          first.take();
          Limit.Seat gone = seat(limit, "gone");
          gone.take();
          gone.leave();
          seat(limit, "last").take();
          first.leave();
          vertx.runOnContext(w -> done.complete(null));
        });
    done.get(20, TimeUnit.SECONDS);
    assertThat(admitted).containsExactly("first", "last");
  }

  @Test
  void withoutAQueueNobodyWaits() {
    Limit limit = new Limit(new Capacity(1, 1), 0);
    Limit.Seat only = seat(limit, "only");
    only.take();
    assertThatExceptionOfType(Failure.class).isThrownBy(() -> seat(limit, "next").take());
    only.leave();
    assertThat(limit.active()).isZero();
    seat(limit, "then").take();
    assertThat(admitted).containsExactly("only", "then");
  }

  @Test
  void whereTheServerBearsLessNobodyIsLetInUntilSoManyHaveLeft() throws Exception {
    Limit limit = new Limit(new Capacity(1, 4), 4);
    CompletableFuture<Void> done = new CompletableFuture<>();
    vertx.runOnContext(
        v -> {
          List<Limit.Seat> seats = new ArrayList<>();
          for (String name : List.of("one", "two", "three", "four", "five")) {
            seats.add(seat(limit, name));
          }
          seats.forEach(Limit.Seat::take);
          seats.get(0).refused(); // four were too many, so three
          assertThat(limit.most()).isEqualTo(3);
          seats.get(0).leave();
          assertThat(limit.waiting()).as("three are still there").isEqualTo(1);
          seats.get(1).leave();
          assertThat(limit.waiting()).isZero();
          vertx.runOnContext(w -> done.complete(null));
        });
    done.get(20, TimeUnit.SECONDS);
    assertThat(admitted).containsExactly("one", "two", "three", "four", "five");
  }

  /** Several loops come, wait, give up and leave at random; in the end nobody is forgotten. */
  @Test
  void howeverLoopsComeAndGoTheLimitHoldsAndNobodyWaitsForEver() throws Exception {
    int calls = 30_000;
    int most = 4;
    Limit limit = new Limit(new Capacity(most, most), calls);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger worst = new AtomicInteger();
    CountDownLatch over = new CountDownLatch(calls);
    List<Context> loops = loops(3);
    for (int i = 0; i < calls; i++) {
      Context loop = loops.get(i % loops.size());
      boolean givesUp = new Random(i).nextInt(4) == 0;
      Call call = new Call(loop, limit, inside, worst, over);
      loop.runOnContext(v -> call.come(givesUp));
    }
    assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(worst.get()).isLessThanOrEqualTo(most);
    assertThat(limit.active()).isZero();
    assertThat(limit.waiting()).isZero();
  }

  private static final class Call {
    private final Context loop;
    private final Limit.Seat seat;
    private final AtomicInteger inside;
    private final AtomicInteger worst;
    private final CountDownLatch over;
    private boolean in;
    private boolean gone;

    Call(
        Context loop, Limit limit, AtomicInteger inside, AtomicInteger worst, CountDownLatch over) {
      this.loop = loop;
      this.seat = limit.seat(this::admitted);
      this.inside = inside;
      this.worst = worst;
      this.over = over;
    }

    void come(boolean givesUp) {
      seat.take();
      if (givesUp && !in) {
        gone = true; // it may have been let in already, and hear of it in a later turn
        seat.leave();
        over.countDown();
      }
    }

    private void admitted() {
      if (gone) {
        return;
      }
      in = true;
      worst.accumulateAndGet(inside.incrementAndGet(), Math::max);
      loop.runOnContext(v -> leave());
    }

    private void leave() {
      inside.decrementAndGet();
      seat.leave();
      over.countDown();
    }
  }

  private List<Context> loops(int count) throws Exception {
    List<Context> loops = new CopyOnWriteArrayList<>();
    vertx
        .deployVerticle(() -> new Placed(loops), new DeploymentOptions().setInstances(count))
        .await(20, TimeUnit.SECONDS);
    return loops;
  }

  private static final class Placed extends VerticleBase {
    private final List<Context> loops;

    Placed(List<Context> loops) {
      this.loops = loops;
    }

    @Override
    public Future<?> start() {
      loops.add(context);
      return Future.succeededFuture();
    }
  }

  private Limit.Seat seat(Limit limit, String name) {
    return limit.seat(() -> admitted.add(name));
  }
}
