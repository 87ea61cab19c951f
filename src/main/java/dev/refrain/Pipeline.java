package dev.refrain;

import dev.refrain.cache.MemoryCache;
import dev.refrain.cache.MemoryWriter;
import dev.refrain.cache.OnlyIfCached;
import dev.refrain.cache.StaleFallback;
import dev.refrain.cache.Verifier;
import dev.refrain.cache.disk.DiskCache;
import dev.refrain.cache.disk.DiskTier;
import dev.refrain.cache.disk.DiskWriter;
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
import dev.refrain.openai.RequestDigests;
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
   *
   * @param digests what is stored beside the answers to requests
   */
  Pipeline(
      Vertx vertx,
      ProcessState process,
      ConfigGeneration generation,
      Connections connections,
      RequestDigests digests) {
    // Sends the call. Below it is only the network.
    UpstreamCall call =
        new UpstreamCall(
            vertx,
            connections.completions(),
            generation.answerLimits(process.budget()),
            generation.fieldRoles(),
            process.observer(),
            process.interceptor());

    modelsService =
        new ModelsService(
            generation.routes(), generation.fieldRoles(), call, generation.isOneCatalogue());
    generation.healthProbes().begin(vertx, call);

    InferenceService direct = direct(vertx, process, generation, call);
    SharedService shared = shared(vertx, process, generation, connections, digests, direct);

    // Separates the lanes: below the split, because the parts of one request can belong to both
    // lanes, and above the shared stages, so that none of them has to check its requests.
    InferenceService stage = new Fork(shared, direct);

    // Splits requests for several choices: above the stages that look up, share and store, so that
    // each part is looked up, shared and stored separately.
    stage =
        new FanOut(
            vertx,
            generation.fanOut(process.budget()),
            process.observer(),
            process.memory()::accepts,
            stage);

    // Records requests as traces, if tracing is configured: above every other stage, so that a
    // trace covers all of them.
    first = process.traced(stage);
  }

  /** The direct lane: calls the upstream for one request. The shared lane ends in it. */
  private static InferenceService direct(
      Vertx vertx, ProcessState process, ConfigGeneration generation, UpstreamCall call) {
    // Selects a server and retries, until the first frame is forwarded: below the sharing, so that
    // a shared call is retried once for all of its requests.
    InferenceService stage =
        new Retry(vertx, generation.routes(), generation.retry(), process.observer(), call);

    // Sends the missing parts of one request in one call: above the retries, so that they are
    // retried together, and below every stage that can answer a part.
    stage = new BatchCall(stage);

    // Requests the usage of streams that are not stored, if keys are charged.
    if (!generation.keyring().isEmpty()) {
      stage = new UsageMetering(stage);
    }

    // Rejects requests with only-if-cached: below every cache, above every call that costs money.
    return new OnlyIfCached(stage);
  }

  /** The shared lane: looks up, shares and stores the answers to shareable requests. */
  private SharedService shared(
      Vertx vertx,
      ProcessState process,
      ConfigGeneration generation,
      Connections connections,
      RequestDigests digests,
      InferenceService direct) {
    // Turns answers into entries: directly above the direct lane, so that every stage above sees
    // the same entry, whatever the request and its framing.
    SharedService recorder = recorder(process, generation, process.clock(), direct);
    SharedService stage = recorder;

    // Shares stored answers and running calls with other replicas: below the memory cache, so that
    // a hit in memory needs no network.
    if (generation.isShared() && connections.redis().isPresent()) {
      stage = acrossReplicas(vertx, process, generation, connections.redis().get(), stage);
    }

    // Stores answers on this machine's disk, those from Redis included, and looks them up there:
    // above the network, and below the memory cache.
    if (process.disk().isPresent() && generation.config().cache().enabled()) {
      stage = onDisk(vertx, process, generation, process.disk().get(), stage);
    }

    // Stores answers in memory: below the coalescer, so that a shared answer is stored once. Looks
    // the request up again first, because a flight may have completed since the first lookup.
    SharedService writer = new MemoryWriter(process.memory(), digests, process.observer(), stage);
    stage = writer;

    // Lets equal requests share one call: above Redis, so that they share its lookup, too. If the
    // flight table is full, a request continues in the direct lane.
    stage =
        new Coalescer(
            vertx.getOrCreateContext(), process.flights(), process.observer(), stage, direct);

    // Serves stale answers while or instead of a call: above the coalescer, because it answers each
    // request separately, and a refresh is shared like any other call.
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
    // Answers from memory: below the verifier only, so that a hit passes through no other stage.
    stage = new MemoryCache(process.memory(), process.observer(), stage);

    // Compares stored answers with new ones, if that is configured: above all stages that serve
    // stored answers.
    return cache.verify().share() == 0
        ? stage
        : verified(vertx, process, generation, cache.verify().replace() ? writer : recorder, stage);
  }

  private static SharedService verified(
      Vertx vertx,
      ProcessState process,
      ConfigGeneration generation,
      SharedService source,
      SharedService next) {
    return new Verifier(
        vertx,
        generation.config().cache().verify(),
        generation.routes()::takeRetry,
        source,
        process.purgeService()::purge,
        process.observer(),
        next);
  }

  private static SharedService onDisk(
      Vertx vertx,
      ProcessState process,
      ConfigGeneration generation,
      DiskTier disk,
      SharedService next) {
    return new DiskCache(
        vertx,
        disk,
        generation.config().cache().ttl(),
        process.purgeMarks(),
        process.observer(),
        new DiskWriter(disk, process.purgeMarks(), next));
  }

  /** The stages over Redis. Read from the last line up. */
  private SharedService acrossReplicas(
      Vertx vertx,
      ProcessState process,
      ConfigGeneration generation,
      Connections.Redis there,
      SharedService next) {
    SharedCacheSettings settings = generation.redisBinding().sharedCache();

    // Stores answers in Redis: below the fleet coalescer, so that only the replica that made the
    // call stores its answer.
    SharedCacheWriter keeper =
        new SharedCacheWriter(
            there.link(),
            settings,
            process.pendingWrites(),
            process.purgeMarks(),
            process.observer(),
            next);
    SharedService stage = keeper;

    // Lets replicas share one call: below the lookup, because a stored answer needs no lease.
    if (generation.config().cache().redis().fleet()) {
      stage = fleet(vertx, process, generation, there, stage);
    }
    thenClose(keeper::close);

    // Looks in Redis.
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

  /** The first stage. */
  InferenceService first() {
    return first;
  }

  /** The lists of models, requested by the same clients. */
  ModelsService modelsService() {
    return modelsService;
  }

  /** Finishes pending writes within a bound, and hands running calls over to other replicas. */
  Future<Void> close() {
    return close.get();
  }
}
