package dev.refrain.cache.redis;

import dev.refrain.cache.EntryCodec;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.cache.TierAnswer;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
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
  private final long ttl;

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
    this.ttl = settings.ttl().toMillis();
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
    TierAnswer found = cause == null ? judge(request, key.fingerprint(), reply) : TierAnswer.ERROR;
    return found.orFrom(next, request, key, Source.REDIS, began, observer);
  }

  private TierAnswer judge(InferenceRequest request, Fingerprint fingerprint, Response reply) {
    if (reply == null || reply.type() != ResponseType.BULK) {
      return TierAnswer.ERROR;
    }
    byte[] value = reply.toBytes();
    if (value.length == 0) {
      return TierAnswer.MISS;
    }
    try {
      return codec
          .decode(fingerprint, value)
          .map(entry -> TierAnswer.of(Source.REDIS, request, entry, ttl, purgeMarks))
          .orElse(TierAnswer.ERROR);
    } catch (RuntimeException unreadable) {
      return TierAnswer.ERROR;
    }
  }
}
