package dev.refrain.flight.fleet;

import static org.awaitility.Awaitility.await;

import dev.refrain.flight.fleet.FleetCoalescer.FleetSettings;
import dev.refrain.inference.Fork;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Streamed;
import dev.refrain.recording.Recorder;
import dev.refrain.recording.Recordings;
import dev.refrain.redis.RedisLink;
import dev.refrain.redis.RedisLog;
import dev.refrain.redis.RedisSettings;
import dev.refrain.redis.Servers;
import dev.refrain.testing.FakeNext;
import dev.refrain.testing.FakeReader;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.TestLoop;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** One replica's stage over a next stage played by hand, for a test's thread. */
final class Replica implements AutoCloseable {
  static final Duration LEASE = Duration.ofMillis(900);
  private static final int BOUND = 20_000;

  final FakeNext next = new FakeNext();
  final List<Observer.FleetOutcome> outcomes = new CopyOnWriteArrayList<>();
  final InferenceService stage;
  private final FleetCoalescer fleet;
  final Leases leases;
  volatile long generation;

  private final TestLoop loop = new TestLoop();
  private final RedisLink link;
  private final RedisLink listening;

  Replica(RedisFixture redis) {
    RedisSettings settings =
        new RedisSettings(
            new Servers.Single(redis.url()),
            Duration.ofSeconds(2),
            1_000,
            3,
            Duration.ofMillis(200));
    RedisLog log = new RedisLog();
    link = on(() -> RedisLink.open(loop.vertx, settings, log, Observer.NONE));
    listening = on(() -> RedisLink.open(loop.vertx, settings, log, Observer.NONE));
    FleetSettings bounds =
        new FleetSettings("test", Duration.ofSeconds(2), LEASE, Duration.ofMinutes(1), BOUND);
    leases = new Leases(link, bounds);
    fleet =
        on(
            () ->
                new FleetCoalescer(
                    loop.vertx,
                    link,
                    new FleetPoller(loop.vertx, listening),
                    bounds,
                    key -> false,
                    (request, key) -> generation,
                    System::currentTimeMillis,
                    (clock, source) ->
                        new Recorder(BOUND, clock, new Recordings(), Observer.NONE, source),
                    new Observer() {
                      @Override
                      public void fleet(FleetOutcome outcome) {
                        outcomes.add(outcome);
                      }
                    },
                    new Recorder(
                        BOUND, System::currentTimeMillis, new Recordings(), Observer.NONE, next)));
    stage = new Fork(fleet, next);
    awaitUp();
  }

  void awaitUp() {
    await().atMost(Duration.ofSeconds(20)).until(() -> link.isUp() && listening.isUp());
  }

  /** Begins to ask; the request lives on the loop. */
  Future<InferenceResponse> ask(InferenceRequest request) {
    return on(() -> stage.respond(request));
  }

  /** Reads a stream, once it has begun. */
  FakeReader read(Future<InferenceResponse> answer) {
    FakeReader reader = new FakeReader();
    Streamed streamed = (Streamed) TestLoop.join(answer);
    run(() -> streamed.frames().read(reader));
    return reader;
  }

  /** Waits until the next stage was called that often. */
  void awaitCalls(int calls) {
    await().atMost(Duration.ofSeconds(20)).until(() -> on(next::calls) == calls);
  }

  void run(Runnable action) {
    on(
        () -> {
          action.run();
          return null;
        });
  }

  <T> T on(Supplier<T> work) {
    return loop.call(() -> Future.succeededFuture().map(begun -> work.get()));
  }

  /** Goes as a killed process does: without a word. */
  void vanish() {
    TestLoop.join(on(() -> Future.join(link.close(), listening.close())));
  }

  @Override
  public void close() {
    TestLoop.join(on(() -> fleet.close().eventually(link::close).eventually(listening::close)));
    loop.close();
  }
}
