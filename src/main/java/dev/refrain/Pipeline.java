package dev.refrain;

import dev.refrain.cache.MemoryCache;
import dev.refrain.cache.MemoryWriter;
import dev.refrain.cache.OnlyIfCached;
import dev.refrain.cache.StaleFallback;
import dev.refrain.cache.redis.SharedCache;
import dev.refrain.cache.redis.SharedCacheSettings;
import dev.refrain.cache.redis.SharedCacheWriter;
import dev.refrain.config.CacheConfig;
import dev.refrain.fanout.BatchCall;
import dev.refrain.fanout.FanOut;
import dev.refrain.flight.Coalescer;
import dev.refrain.flight.fleet.FleetCoalescer;
import dev.refrain.inference.Fork;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.SharedService;
import dev.refrain.keys.UsageMetering;
import dev.refrain.recording.Recorder;
import dev.refrain.upstream.ModelsService;
import dev.refrain.upstream.Retry;
import dev.refrain.upstream.UpstreamCall;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The stages of a request, from the router to the upstream, in order, with the reason for each
 * position. Each stage wraps the next; above the cache there are only tail calls, so that a hit
 * costs what it must and no more.
 *
 * <p>One {@link Fork} sends shareable requests into the shared lane of {@link SharedService}s and
 * all others into the direct lane of {@link InferenceService}s, at which the shared lane ends.
 */
final class Pipeline {
  private final InferenceService first;
  private final ModelsService modelsService;
  private Supplier<Future<Void>> close = Future::succeededFuture;

  /**
   * The stages of one event loop, created on it, for one generation of the configuration. Read from
   * the last line up.
   */
  Pipeline(
      Vertx vertx, ProcessState process, ConfigGeneration generation, Connections connections) {
    // Asks. Nothing below it but the network.
    UpstreamCall call =
        new UpstreamCall(
            vertx,
            connections.completions(),
            generation.answerLimits(process.budget()),
            process.observer(),
            process.interceptor());

    modelsService =
        new ModelsService(
            generation.routes(), generation.fieldRoles(), call, generation.isOneCatalogue());
    generation.healthProbes().begin(vertx, call);

    InferenceService direct = direct(vertx, process, generation, call);
    SharedService shared = shared(vertx, process, generation, connections, direct);

    // Separates the lanes: below the split, because the parts of one request can differ in it, and
    // above everything that shares, so that no stage there has to ask.
    InferenceService stage = new Fork(shared, direct);

    // Takes requests for several choices apart: above whatever looks up, shares and keeps, so that
    // each part is looked up, shared and kept alone.
    stage =
        new FanOut(
            vertx,
            generation.fanOut(process.budget()),
            process.observer(),
            process.memory()::accepts,
            stage);

    // Records requests for who traces them: above everything, and not there for who does not.
    first = process.traced(stage);
  }

  /** Calls the upstream for one request. The shared lane ends here, too. */
  private static InferenceService direct(
      Vertx vertx, ProcessState process, ConfigGeneration generation, UpstreamCall call) {
    // Selects a server and retries: while no frame was forwarded, and below the sharing, so that
    // a shared call is retried once for all of its requests.
    InferenceService stage =
        new Retry(vertx, generation.routes(), generation.retry(), process.observer(), call);

    // Sends the missing parts of one request in one call: above the retries, so that they are tried
    // again together, and below whatever can answer a part.
    stage = new BatchCall(stage);

    // Learns the usage of streams that are not stored, where keys are charged.
    if (!generation.keyring().isEmpty()) {
      stage = new UsageMetering(stage);
    }

    // Stops what must not cost anything: below every cache, above everything that is paid for.
    return new OnlyIfCached(stage);
  }

  /** Looks up, shares and stores answers; every request here is shareable. */
  private SharedService shared(
      Vertx vertx,
      ProcessState process,
      ConfigGeneration generation,
      Connections connections,
      InferenceService direct) {
    // Turns answers into entries: directly above the call, so that every stage above sees the
    // same entry, whatever the request and its framing.
    SharedService stage = recorder(process, generation, process.clock(), direct);

    // Shares with other replicas what is kept and what is on its way: below our own memory, before
    // which there is no network.
    if (generation.isShared() && connections.redis().isPresent()) {
      stage = acrossReplicas(vertx, process, generation, connections.redis().get(), stage);
    }

    // Keeps what comes from below: below the sharing, so that it is kept once for all who share it,
    // and looks again, because a flight may have landed since the first look.
    stage = new MemoryWriter(process.memory(), process.observer(), stage);

    // Lets equal requests share one call: above Redis, so that they share that lookup, too. What
    // the table has no room for leaves the lane.
    stage =
        new Coalescer(
            vertx.getOrCreateContext(), process.flights(), process.observer(), stage, direct);

    // Serves what is past its time where that is better than nothing: above the sharing, because
    // it answers each request separately, and a refresh is shared like any call.
    CacheConfig cache = generation.config().cache();
    if (!cache.grace().isZero()) {
      stage =
          new StaleFallback(
              process.memory(),
              cache.staleIfError(),
              cache.staleWhileRevalidate(),
              process.observer(),
              stage);
    }
    // Answers at once what is here: before everything, so that a hit meets nothing else.
    return new MemoryCache(process.memory(), process.observer(), stage);
  }

  /** The stages over Redis; read from the last line up, too. */
  private SharedService acrossReplicas(
      Vertx vertx,
      ProcessState process,
      ConfigGeneration generation,
      Connections.Redis there,
      SharedService next) {
    SharedCacheSettings settings = generation.redisBinding().sharedCache();

    // Keeps what comes from below: below the sharing, so that the replica that made the call
    // stores its answer, and followers do not.
    SharedCacheWriter keeper =
        new SharedCacheWriter(
            there.link(),
            settings,
            process.pendingWrites(),
            process.purgeMarks(),
            process.observer(),
            next);
    SharedService stage = keeper;

    // Lets replicas share one call: below the lookup, for what is kept need not be agreed on.
    if (generation.config().cache().redis().fleet()) {
      stage = fleet(vertx, process, generation, there, stage);
    }
    thenClose(keeper::close);

    // Asks what they have kept.
    return new SharedCache(there.link(), settings, process.purgeMarks(), process.observer(), stage);
  }

  private SharedService fleet(
      Vertx vertx,
      ProcessState process,
      ConfigGeneration generation,
      Connections.Redis there,
      SharedService next) {
    FleetCoalescer fleet =
        new FleetCoalescer(
            vertx,
            there.link(),
            there.streams(),
            generation.redisBinding().fleet(),
            process::isNotToBeAwaited,
            process::generation,
            process.clock(),
            (clock, source) -> recorder(process, generation, clock, source),
            process.observer(),
            next);
    thenClose(fleet::close);
    return fleet;
  }

  private static SharedService recorder(
      ProcessState process,
      ConfigGeneration generation,
      LongSupplier clock,
      InferenceService next) {
    return new Recorder(
        generation.maxEntry(),
        clock,
        generation.config().cache().noStore() == CacheConfig.NoStore.HONOUR,
        process.recordings(),
        process.observer(),
        next);
  }

  private void thenClose(Supplier<Future<Void>> closing) {
    Supplier<Future<Void>> before = close;
    close = () -> before.get().eventually(closing);
  }

  /** The stage that requests enter by. */
  InferenceService first() {
    return first;
  }

  /** What can be asked for, found out by the same clients. */
  ModelsService modelsService() {
    return modelsService;
  }

  /** Writes what is still to be written, for a moment, and hands over what others wait for. */
  Future<Void> close() {
    return close.get();
  }
}
