package dev.refrain.cache.redis;

import dev.refrain.cache.FleetClock;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.Lookup;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.RequestListener.Step;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Source;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;

/**
 * Serves hits from Redis. {@link SharedCacheWriter} stores the entries.
 *
 * <p>A request waits for Redis no longer than {@link SharedCacheSettings#timeout}. Whatever goes
 * wrong there is a miss: the request goes on to the next stage. {@code only-if-cached} is not its
 * concern beyond the lookup; a stage further down refuses to ask.
 *
 * <p>Threads: made and used on one event loop, over that loop's connection.
 */
public final class SharedCache implements SharedService {
  private final SharedCacheSettings settings;
  private final PurgeMarks purgeMarks;
  private final Observer observer;
  private final SharedService next;
  private final EntryCodec codec;
  private final RedisLink link;
  private final long budget;

  /**
   * A stage on the caller's event loop, over that loop's link; {@code purgeMarks} says what was
   * purged.
   */
  public SharedCache(
      RedisLink link,
      SharedCacheSettings settings,
      PurgeMarks purgeMarks,
      Observer observer,
      SharedService next) {
    this.purgeMarks = purgeMarks;
    this.link = link;
    this.settings = settings;
    this.observer = observer;
    this.next = next;
    this.codec = new EntryCodec(settings.maxEntry());
    this.budget = settings.timeout().toMillis();
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    if (request.directives().noCache()) {
      return next.respond(request, key);
    }
    long began = System.nanoTime();
    return read(request, key.fingerprint())
        .transform((reply, cause) -> decide(request, key, began, reply, cause));
  }

  private Future<Response> read(InferenceRequest request, Fingerprint fingerprint) {
    Promise<Response> reply = Promise.promise();
    request
        .cancellation()
        .onCancel(() -> reply.tryFail(Failure.of(Failure.Kind.CANCELLED, "request cancelled")));
    if (reply.future().isComplete()) {
      return reply.future();
    }
    // One byte more than is ever written, so that an oversized value shows itself.
    String key = settings.key(fingerprint);
    Request get = Request.cmd(Command.GETRANGE).arg(key).arg(0).arg(settings.maxEntry());
    link.send(key, get, budget)
        .onComplete(
            (value, cause) -> {
              if (cause == null) {
                reply.tryComplete(value);
              } else {
                reply.tryFail(cause);
              }
            });
    return reply.future();
  }

  private Future<InferenceResponse> decide(
      InferenceRequest request, Shareable key, long began, Response reply, Throwable cause) {
    if (cause instanceof Failure) {
      return Future.failedFuture(cause);
    }
    Result result = cause == null ? judge(request, key.fingerprint(), reply) : Result.ERROR;
    String rule = request.directives().policy().rule();
    observer.lookedUp(
        request.language().endpoint(),
        Source.REDIS,
        result.lookup,
        rule,
        System.nanoTime() - began);
    request.listener().step(step(result.lookup));
    return result.answer == null
        ? next.respond(request, key)
        : Future.succeededFuture(result.answer);
  }

  private static Step step(Lookup result) {
    return switch (result) {
      case HIT -> Step.IN_REDIS;
      case MISS -> Step.NOT_IN_REDIS;
      case ERROR -> Step.REDIS_FAILED;
    };
  }

  private Result judge(InferenceRequest request, Fingerprint fingerprint, Response reply) {
    if (reply == null || reply.type() != ResponseType.BULK) {
      return Result.ERROR;
    }
    byte[] value = reply.toBytes();
    if (value.length == 0) {
      return Result.MISS;
    }
    try {
      return codec
          .decode(fingerprint, value)
          .map(entry -> answer(request, entry))
          .orElse(Result.ERROR);
    } catch (RuntimeException unreadable) {
      return Result.ERROR;
    }
  }

  private Result answer(InferenceRequest request, Entry entry) {
    long now = purgeMarks.now();
    long expiresAt = entry.expiresAt(settings.ttl().toMillis());
    if (now >= expiresAt || !request.directives().accept(entry.storedAt(), now)) {
      return Result.MISS;
    }
    if (purgeMarks.covers(entry) || !purgeMarks.isComplete()) {
      return Result.MISS;
    }
    if (entry.storedAt() > now + FleetClock.TOLERANCE.toMillis()) {
      return Result.MISS; // by a clock that was wrong, and so beyond every purge
    }
    return entry
        .answer(request, new Provenance(Source.REDIS, entry.storedAt(), expiresAt))
        .map(answer -> new Result(Lookup.HIT, answer))
        .orElse(Result.MISS);
  }

  /** Result of a lookup. The answer is null unless it was a hit. */
  private record Result(Lookup lookup, InferenceResponse answer) {
    static final Result MISS = new Result(Lookup.MISS, null);
    static final Result ERROR = new Result(Lookup.ERROR, null);
  }
}
