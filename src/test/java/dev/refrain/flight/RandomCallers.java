package dev.refrain.flight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.flight.LoopHandoff.Loop;
import dev.refrain.inference.Fork;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.recording.Recorder;
import dev.refrain.recording.Recordings;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** Callers on several event loops who ask for few things at once, before calls played by hand. */
final class RandomCallers implements AutoCloseable {
  /** Most bytes of a recording; some calls go beyond. */
  static final int BOUND = 2_000;

  private static final int KEYS = 3;
  private static final int PATIENCE_SECONDS = 20;

  private final Vertx vertx;
  private final long seed;
  private final boolean endless;
  private final Random random;
  private final FlightTable table =
      new FlightTable(
          new FlightSettings(100, Duration.ofHours(1), Duration.ofMillis(1), Duration.ofMillis(1)),
          FlightSettings.Abandoned.CANCEL,
          System::currentTimeMillis);
  private final List<LoopStages> loopStageses = new CopyOnWriteArrayList<>();
  private final List<StressCall> calls = new CopyOnWriteArrayList<>();
  private final List<StressCaller> callers = new ArrayList<>();
  private final Queue<Throwable> wrongs = new ConcurrentLinkedQueue<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final Phaser turns = new Phaser(1);
  private final String deployment;
  private CountDownLatch outcomes;

  /**
   * A crowd.
   *
   * @param endless whether some calls never end, so that callers must leave
   */
  RandomCallers(Vertx vertx, int loops, long seed, boolean endless) {
    this.vertx = vertx;
    this.seed = seed;
    this.endless = endless;
    this.random = new Random(seed);
    this.deployment =
        vertx.deployVerticle(LoopStages::new, new DeploymentOptions().setInstances(loops)).await();
  }

  void run() throws Exception {
    int count = 2 + random.nextInt(14);
    outcomes = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      LoopStages loopStages = loopStageses.get(random.nextInt(loopStageses.size()));
      Framing framing = random.nextInt(3) == 0 ? Framing.WHOLE : Framing.STREAM;
      callers.add(
          new StressCaller(
              this, loopStages.loop, loopStages.stage, key(), framing, random.nextLong()));
    }
    callers.forEach(caller -> hop(caller.home(), random.nextInt(12), caller::ask));
    turns.awaitAdvanceInterruptibly(turns.arrive(), PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (endless) {
      callers.forEach(caller -> hop(caller.home(), random.nextInt(3), caller::leave));
    }
    boolean all = outcomes.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    check();
    assertThat(all).as(story("everybody has an outcome; missing %d", outcomes.getCount())).isTrue();
    settle(() -> table.size() == 0 && calls.stream().allMatch(StressCall::isOver));
    assertThat(table.size()).as(story("flights left")).isZero();
    settle(() -> table.readers() == 0);
    assertThat(table.readers()).as(story("readers left")).isZero();
    assertThat(calls).as(story("calls left")).allMatch(StressCall::isOver);
    check();
  }

  private long key() {
    return random.nextInt(KEYS);
  }

  /** Does something on a loop, after this many turns there. */
  void hop(Loop loop, int count, Runnable action) {
    turns.register();
    loop.later(
        () -> {
          if (count > 0) {
            hop(loop, count - 1, action);
          } else {
            guard(action);
          }
          turns.arriveAndDeregister();
        });
  }

  private void guard(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | AssertionError wrong) {
      wrongs.add(wrong);
    }
  }

  /** Lets what is on its way between loops arrive. */
  private void settle(BooleanSupplier settled) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!settled.getAsBoolean() && System.nanoTime() - end < 0) {
      for (LoopStages loopStages : loopStageses) {
        CountDownLatch turn = new CountDownLatch(1);
        loopStages.loop.later(turn::countDown);
        turn.await();
      }
    }
  }

  /** Notes that something must not have happened. */
  void wrong(String what) {
    wrongs.add(new AssertionError(what));
  }

  void onLoop(Loop loop, String what) {
    if (Thread.currentThread() != loop.thread()) {
      wrong(what + " on the wrong thread");
    }
  }

  /** Somebody's story is over. */
  void outcome() {
    outcomes.countDown();
  }

  /** A number that nobody else in this crowd has. */
  int number() {
    return numbers.incrementAndGet();
  }

  boolean isEndless() {
    return endless;
  }

  /** The calls so far, of whatever end. */
  List<StressCall> calls() {
    return calls;
  }

  private void check() {
    if (!wrongs.isEmpty()) {
      throw new AssertionError(story("%d things went wrong", wrongs.size()), wrongs.peek());
    }
  }

  private String story(String what, Object... of) {
    return what.formatted(of) + " (seed " + seed + ", endless " + endless + ")";
  }

  @Override
  public void close() {
    vertx.undeploy(deployment).await();
  }

  /** The stages of one event loop. */
  private final class LoopStages extends VerticleBase {
    private Loop loop;
    private InferenceService stage;

    @Override
    public Future<?> start() {
      loop = new Loop(context, Thread.currentThread());
      context.exceptionHandler(wrongs::add);
      InferenceService direct =
          request -> StressCall.begin(RandomCallers.this, loop, request, calls);
      Recorder recorder = new Recorder(BOUND, () -> 0, new Recordings(), Observer.NONE, direct);
      stage = new Fork(new Coalescer(context, table, Observer.NONE, recorder, direct), direct);
      loopStageses.add(this);
      return Future.succeededFuture();
    }
  }
}
