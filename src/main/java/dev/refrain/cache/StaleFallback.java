package dev.refrain.cache;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.StaleReason;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.UpstreamTime;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Serves stale answers where the operator allows it: immediately while a new answer is requested,
 * or in place of a failure. Never past a purge, and never to a request that excludes it: {@code
 * no-cache}, or a {@code max-age} that is over.
 *
 * <p>Threads: one for each event loop, over one store.
 *
 * <p>Source: RFC 5861.
 */
public final class StaleFallback implements SharedService {
  private static final int TOO_MANY_REQUESTS = 429;

  private final MemoryStore store;
  private final long ifError;
  private final long whileRevalidate;
  private final Observer observer;
  private final SharedService next;

  /** The refreshes of this event loop; at most as many as there are calls. */
  private final Set<Fingerprint> refreshing = new HashSet<>();

  /**
   * A stage over the store that {@link MemoryCache} serves from, and below that.
   *
   * @param ifError how long past its time an answer stands in for a failure; 0 is never
   * @param whileRevalidate how long it is served while a new one is requested; 0 is never
   */
  public StaleFallback(
      MemoryStore store,
      Duration ifError,
      Duration whileRevalidate,
      Observer observer,
      SharedService next) {
    this.store = store;
    this.ifError = ifError.toMillis();
    this.whileRevalidate = whileRevalidate.toMillis();
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    if (request.directives().noCache()) {
      return next.respond(request, key);
    }
    Fingerprint fingerprint = key.fingerprint();
    Future<InferenceResponse> stale = store.find(fingerprint, request, whileRevalidate);
    if (stale != null) {
      observer.servedStale(StaleReason.REVALIDATING);
      refresh(request, key);
      return stale;
    }
    // Looked for now: while the call is under way it may have to make room.
    Future<InferenceResponse> spare = store.find(fingerprint, request, ifError);
    if (spare == null || request.directives().onlyIfCached()) {
      return next.respond(request, key);
    }
    long began = System.nanoTime();
    return next.respond(request, key)
        .transform((answer, cause) -> choose(spare, began, answer, cause));
  }

  /** Asks anew, once at a time, whether the caller stays or not. */
  private void refresh(InferenceRequest request, Shareable key) {
    Fingerprint fingerprint = key.fingerprint();
    if (request.directives().onlyIfCached() || !refreshing.add(fingerprint)) {
      return;
    }
    Cancellation own = new Cancellation();
    next.respond(request.with(Framing.WHOLE, false).with(own), key)
        .onComplete(
            (answer, cause) -> {
              refreshing.remove(fingerprint);
              if (answer instanceof Streamed) {
                own.cancel(); // it has no reader
              }
            });
  }

  private Future<InferenceResponse> choose(
      Future<InferenceResponse> spare, long began, InferenceResponse answer, Throwable cause) {
    boolean failed = cause == null ? isTrouble(answer) : isTrouble(cause);
    // Purged or too old by now it is no spare any more, but displaced it still is one.
    if (!failed || !store.allows(spare.result(), ifError)) {
      return cause == null ? Future.succeededFuture(answer) : Future.failedFuture(cause);
    }
    observer.servedStale(StaleReason.ERROR);
    Whole kept = (Whole) spare.result();
    Provenance from = kept.provenance().standingIn(UpstreamTime.since(began));
    return Future.succeededFuture(kept.from(from));
  }

  /**
   * Whether the upstream is at fault; what the request is at fault for, no answer stands in for.
   */
  private static boolean isTrouble(InferenceResponse answer) {
    int status = answer.head().status();
    return status == TOO_MANY_REQUESTS || status >= 500;
  }

  private static boolean isTrouble(Throwable cause) {
    return cause instanceof Failure failure
        && switch (failure.kind()) {
          case UPSTREAM_UNREACHABLE, UPSTREAM_BROKEN, UPSTREAM_TIMEOUT, OVERLOADED -> true;
          default -> false;
        };
  }
}
