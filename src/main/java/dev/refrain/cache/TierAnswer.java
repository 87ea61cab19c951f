package dev.refrain.cache;

import dev.refrain.inference.Entry;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.Lookup;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.RequestListener.Step;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Source;
import io.vertx.core.Future;

/**
 * What an entry that was found outside this process is to a request. Any doubt is a miss.
 *
 * @param lookup the outcome
 * @param response the answer; null unless it was a hit
 */
public record TierAnswer(Lookup lookup, InferenceResponse response) {
  /** Nothing was found. */
  public static final TierAnswer MISS = new TierAnswer(Lookup.MISS, null);

  /** The tier did not answer, or answered garbage. */
  public static final TierAnswer ERROR = new TierAnswer(Lookup.ERROR, null);

  /**
   * Judges an entry.
   *
   * @param tier where it was found
   * @param ttl how long entries are fresh that do not say it, in milliseconds
   * @param purgeMarks what was purged
   */
  public static TierAnswer of(
      Source tier, InferenceRequest request, Entry entry, long ttl, PurgeMarks purgeMarks) {
    long now = purgeMarks.now();
    long expiresAt = entry.expiresAt(ttl);
    if (now >= expiresAt || !request.directives().accept(entry.storedAt(), now)) {
      return MISS;
    }
    if (purgeMarks.covers(entry) || !purgeMarks.isComplete()) {
      return MISS;
    }
    if (entry.storedAt() > now + FleetClock.TOLERANCE.toMillis()) {
      return MISS; // by a clock that was wrong, and so beyond every purge
    }
    return entry
        .answer(request, new Provenance(tier, entry.storedAt(), expiresAt))
        .map(answer -> new TierAnswer(Lookup.HIT, answer))
        .orElse(MISS);
  }

  /**
   * Counts the lookup, and completes with the answer of the tier or, without one, with that of the
   * next stage.
   *
   * @param began when the lookup began, by {@link System#nanoTime}
   */
  public Future<InferenceResponse> orFrom(
      SharedService next,
      InferenceRequest request,
      Shareable key,
      Source tier,
      long began,
      Observer observer) {
    observer.lookedUp(
        request.language().endpoint(),
        tier,
        lookup,
        request.directives().policy().rule(),
        System.nanoTime() - began);
    request.listener().step(step(tier));
    return response == null ? next.respond(request, key) : Future.succeededFuture(response);
  }

  private Step step(Source tier) {
    boolean onDisk = tier == Source.DISK;
    return switch (lookup) {
      case HIT -> onDisk ? Step.ON_DISK : Step.IN_REDIS;
      case MISS -> onDisk ? Step.NOT_ON_DISK : Step.NOT_IN_REDIS;
      case ERROR -> onDisk ? Step.DISK_FAILED : Step.REDIS_FAILED;
    };
  }
}
