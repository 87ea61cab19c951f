package dev.refrain.cache.disk;

import dev.refrain.cache.PurgeMarks;
import dev.refrain.cache.TierAnswer;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Source;
import dev.refrain.redis.Breaker;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;

/**
 * Serves hits from the disk. {@link DiskWriter} stores the entries.
 *
 * <p>A request waits for the disk no longer than {@link DiskSettings#timeout}, and not at all while
 * the disk does not answer others. Whatever goes wrong there is a miss: the request goes on to the
 * next stage.
 *
 * <p>Threads: made and used on one event loop, which the disk never holds up.
 */
public final class DiskCache implements SharedService {
  private static final int FAILURES = 5;
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Context loop;
  private final DiskTier tier;
  private final long ttl;
  private final PurgeMarks purgeMarks;
  private final Observer observer;
  private final SharedService next;
  private final Breaker breaker = new Breaker(FAILURES, PAUSE, System::nanoTime);

  /**
   * A stage on the caller's event loop.
   *
   * @param ttl how long entries are fresh that do not say it
   * @param purgeMarks what was purged
   */
  public DiskCache(
      Vertx vertx,
      DiskTier tier,
      Duration ttl,
      PurgeMarks purgeMarks,
      Observer observer,
      SharedService next) {
    this.vertx = vertx;
    this.loop = vertx.getOrCreateContext();
    this.tier = tier;
    this.ttl = ttl.toMillis();
    this.purgeMarks = purgeMarks;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    if (request.directives().noCache()) {
      return next.respond(request, key);
    }
    long began = System.nanoTime();
    if (!breaker.admits()) {
      return TierAnswer.ERROR.orFrom(next, request, key, Source.DISK, began, observer);
    }
    return find(request, key)
        .transform(
            (entry, cause) -> {
              if (cause instanceof Failure) {
                breaker.undecided();
                return Future.failedFuture(cause);
              }
              if (cause == null) {
                breaker.succeeded();
              } else {
                breaker.failed(began);
              }
              return judge(request, entry, cause)
                  .orFrom(next, request, key, Source.DISK, began, observer);
            });
  }

  /** Fails with a {@link Failure} if the request is cancelled, otherwise if the disk fails. */
  private Future<Optional<Entry>> find(InferenceRequest request, Shareable key) {
    Promise<Optional<Entry>> found = Promise.promise();
    request
        .cancellation()
        .onCancel(() -> found.tryFail(Failure.of(Failure.Kind.CANCELLED, "request cancelled")));
    if (found.future().isComplete()) {
      return found.future();
    }
    long timer =
        vertx.setTimer(
            tier.timeout().toMillis(),
            due -> {
              if (found.tryFail(new DiskException(Observer.DiskFault.SLOW, "no answer in time"))) {
                tier.late();
              }
            });
    tier.find(key.fingerprint())
        .onComplete(
            (entry, cause) ->
                loop.runOnContext(
                    here -> {
                      vertx.cancelTimer(timer);
                      if (cause == null) {
                        found.tryComplete(entry);
                      } else {
                        found.tryFail(cause);
                      }
                    }));
    return found.future();
  }

  private TierAnswer judge(InferenceRequest request, Optional<Entry> entry, Throwable cause) {
    if (cause != null) {
      return TierAnswer.ERROR;
    }
    try {
      return entry
          .map(found -> TierAnswer.of(Source.DISK, request, found, ttl, purgeMarks))
          .orElse(TierAnswer.MISS);
    } catch (RuntimeException unreadable) {
      return TierAnswer.ERROR;
    }
  }
}
