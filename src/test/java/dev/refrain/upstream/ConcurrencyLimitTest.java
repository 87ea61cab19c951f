package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Failure;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import io.vertx.junit5.VertxTestContext.ExecutionBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class ConcurrencyLimitTest {
  private final List<String> admitted = new ArrayList<>();

  @Test
  void whoComesFirstIsLetInFirstAndOneTooManyIsRefused(Vertx vertx, VertxTestContext test) {
    ConcurrencyLimit limit = new ConcurrencyLimit(new AdaptiveLimit(1, 1), 2);
    onLoop(
        vertx,
        test,
        () -> {
          ConcurrencyLimit.Permit first = permit(limit, "first");
          first.take();
          permit(limit, "second").take();
          permit(limit, "third").take();
          assertThat(admitted).containsExactly("first");
          assertThat(limit.waiting()).isEqualTo(2);
          assertThat(limit.isFull()).isTrue();
          assertThat(isRefused(limit)).isTrue();
          first.leave();
          first.leave();
        },
        () -> {
          assertThat(admitted).containsExactly("first", "second");
          assertThat(limit.active()).isEqualTo(1);
          assertThat(limit.waiting()).isEqualTo(1);
        });
  }

  @Test
  void whoLeavesTheQueueIsNotLetInAndMakesRoom(Vertx vertx, VertxTestContext test) {
    ConcurrencyLimit limit = new ConcurrencyLimit(new AdaptiveLimit(1, 1), 1);
    onLoop(
        vertx,
        test,
        () -> {
          ConcurrencyLimit.Permit first = permit(limit, "first");
          first.take();
          ConcurrencyLimit.Permit gone = permit(limit, "gone");
          gone.take();
          gone.leave();
          permit(limit, "last").take();
          first.leave();
        },
        () -> {
          assertThat(admitted).containsExactly("first", "last");
        });
  }

  @Test
  void withoutAQueueNobodyWaits() {
    ConcurrencyLimit limit = new ConcurrencyLimit(new AdaptiveLimit(1, 1), 0);
    ConcurrencyLimit.Permit only = permit(limit, "only");
    only.take();
    assertThat(isRefused(limit)).isTrue();
    only.leave();
    assertThat(limit.active()).isZero();
    permit(limit, "then").take();
    assertThat(admitted).containsExactly("only", "then");
  }

  @Test
  void whereTheServerBearsLessNobodyIsLetInUntilSoManyHaveLeft(Vertx vertx, VertxTestContext test) {
    ConcurrencyLimit limit = new ConcurrencyLimit(new AdaptiveLimit(1, 4), 4);
    onLoop(
        vertx,
        test,
        () -> {
          List<ConcurrencyLimit.Permit> permits = new ArrayList<>();
          for (String name : List.of("one", "two", "three", "four", "five")) {
            permits.add(permit(limit, name));
          }
          permits.forEach(ConcurrencyLimit.Permit::take);
          permits.get(0).refused(); // four were too many, so three
          assertThat(limit.most()).isEqualTo(3);
          permits.get(0).leave();
          assertThat(limit.waiting()).as("three are still there").isEqualTo(1);
          permits.get(1).leave();
          assertThat(limit.waiting()).isZero();
        },
        () -> {
          assertThat(admitted).containsExactly("one", "two", "three", "four", "five");
        });
  }

  /** Runs the first part on an event loop, and the other when what it led to there has been run. */
  private static void onLoop(
      Vertx vertx, VertxTestContext test, ExecutionBlock first, ExecutionBlock then) {
    vertx.runOnContext(
        v -> {
          test.verify(first);
          vertx.runOnContext(w -> test.verify(then).completeNow());
        });
  }

  /** Several loops come, wait, give up and leave at random; in the end nobody is forgotten. */
  @Test
  void howeverLoopsComeAndGoTheLimitHoldsAndNobodyWaitsForEver(Vertx vertx) throws Exception {
    int calls = 30_000;
    int most = 4;
    ConcurrencyLimit limit = new ConcurrencyLimit(new AdaptiveLimit(most, most), calls);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger worst = new AtomicInteger();
    CountDownLatch over = new CountDownLatch(calls);
    List<Context> loops = loops(vertx, 3);
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
    private final ConcurrencyLimit.Permit permit;
    private final AtomicInteger inside;
    private final AtomicInteger worst;
    private final CountDownLatch over;
    private boolean in;
    private boolean gone;

    Call(
        Context loop,
        ConcurrencyLimit limit,
        AtomicInteger inside,
        AtomicInteger worst,
        CountDownLatch over) {
      this.loop = loop;
      this.permit = limit.permit(waiter(loop.hashCode(), this::admitted));
      this.inside = inside;
      this.worst = worst;
      this.over = over;
    }

    void come(boolean givesUp) {
      permit.take();
      if (givesUp && !in) {
        gone = true; // it may have been let in already, and hear of it in a later turn
        permit.leave();
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
      permit.leave();
      over.countDown();
    }
  }

  private static List<Context> loops(Vertx vertx, int count) throws Exception {
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

  /** A waiter of this caller that is never displaced. */
  static ConcurrencyLimit.Waiter waiter(long caller, Runnable admitted) {
    return waiter(
        caller,
        admitted,
        () -> {
          throw new AssertionError("displaced");
        });
  }

  private static ConcurrencyLimit.Waiter waiter(
      long caller, Runnable admitted, Runnable displaced) {
    return new ConcurrencyLimit.Waiter() {
      @Override
      public long caller() {
        return caller;
      }

      @Override
      public void begin() {
        admitted.run();
      }

      @Override
      public void refused(Failure full) {
        assertThat(full.kind()).isEqualTo(Failure.Kind.OVERLOADED);
        displaced.run();
      }
    };
  }

  private static boolean isRefused(ConcurrencyLimit limit) {
    AtomicInteger refused = new AtomicInteger();
    limit.permit(waiter(1, () -> {}, refused::incrementAndGet)).take();
    return refused.get() == 1;
  }

  @Test
  void aCallerWithFewWaitingTakesThePlaceOfOneWithMany(Vertx vertx, VertxTestContext test) {
    ConcurrencyLimit limit = new ConcurrencyLimit(new AdaptiveLimit(1, 1), 3);
    onLoop(
        vertx,
        test,
        () -> {
          List<ConcurrencyLimit.Permit> many = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            String name = "many " + i;
            many.add(
                limit.permit(
                    waiter(1, () -> admitted.add(name), () -> admitted.add(name + " refused"))));
            many.get(i).take();
          }
          ConcurrencyLimit.Permit few = limit.permit(waiter(2, () -> admitted.add("few")));
          few.take();
          assertThat(limit.waiting()).isEqualTo(3);
          many.forEach(ConcurrencyLimit.Permit::leave);
        },
        () -> {
          assertThat(admitted).contains("many 3 refused", "few");
          assertThat(limit.active()).isEqualTo(1);
          assertThat(limit.waiting()).isZero();
        });
  }

  private ConcurrencyLimit.Permit permit(ConcurrencyLimit limit, String name) {
    return limit.permit(waiter(1, () -> admitted.add(name)));
  }
}
