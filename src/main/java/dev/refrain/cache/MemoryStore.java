package dev.refrain.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Observer.Unkept;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The answers of this process, bounded in bytes, each for a time. One for all event loops; safe on
 * any thread.
 */
public final class MemoryStore {
  private final Cache<Fingerprint, Kept> cache;
  private final LongSupplier clock;
  private final Epochs epochs;
  private volatile Rule rule;

  /** How long an answer is fresh and how much longer it is kept, in milliseconds; most bytes. */
  private record Rule(long ttl, long grace, int maxEntry) {}

  /**
   * A store.
   *
   * @param size most bytes in all
   * @param maxEntry most bytes of one body
   * @param ttl how long an answer is fresh after it was made
   * @param grace how much longer it is kept, to be served where a stale one is better than none
   * @param clock milliseconds of the epoch
   * @param epochs what was purged
   */
  public MemoryStore(
      long size, int maxEntry, Duration ttl, Duration grace, LongSupplier clock, Epochs epochs) {
    this.epochs = epochs;
    this.clock = clock;
    this.rule = new Rule(ttl.toMillis(), grace.toMillis(), maxEntry);
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(size)
            .weigher((Fingerprint key, Kept kept) -> kept.weight())
            // At every write: a new answer in the place of an old one has its own time.
            .expireAfter(Expiry.writing((Fingerprint key, Kept kept) -> left(kept)))
            // Maintenance is short, and a pool of its own would only steal the event loops' cores.
            .executor(Runnable::run)
            .build();
  }

  /**
   * Goes by other bounds from now on, each as in the constructor. What is kept already keeps the
   * time it was given; what there is no room for any more is dropped.
   */
  public void bound(long size, int maxEntry, Duration ttl, Duration grace) {
    rule = new Rule(ttl.toMillis(), grace.toMillis(), maxEntry);
    cache.policy().eviction().orElseThrow().setMaximum(size);
  }

  private Duration left(Kept kept) {
    return Duration.ofMillis(Math.max(0, kept.expiresAt() + rule.grace - clock.getAsLong()));
  }

  /** The answer for a request, or null if there is none this request may have. */
  Future<Completion> find(Fingerprint fingerprint, CompletionRequest request) {
    return find(fingerprint, request, 0);
  }

  /** The same, also if it is past its time, up to {@code late} milliseconds and the grace. */
  Future<Completion> find(Fingerprint fingerprint, CompletionRequest request, long late) {
    long now = clock.getAsLong();
    Kept kept = usable(fingerprint, now - late);
    if (kept == null || !request.directives().accept(kept.entry().storedAt(), now)) {
      return null;
    }
    Future<Completion> answer = kept.answer(request);
    return answer != null ? answer : make(kept, request);
  }

  /** Whether an answer that was found before may still be served, so late past its time. */
  boolean allows(Completion found, long late) {
    return found.provenance().expiresAt() + late > now() && !epochs.cover(found.entry().result());
  }

  private Future<Completion> make(Kept kept, CompletionRequest request) {
    Kept grown = kept.with(request).orElse(null);
    if (grown == null) {
      return null;
    }
    cache.asMap().replace(kept.entry().fingerprint(), kept, grown); // unless it is another by now
    return grown.answer(request);
  }

  private Kept usable(Fingerprint fingerprint, long oldest) {
    Kept kept = cache.getIfPresent(fingerprint);
    // The cache measures time by another clock, which stands still while the machine sleeps.
    boolean over = kept == null || kept.expiresAt() <= oldest;
    return over || epochs.cover(kept.entry()) ? null : kept;
  }

  /** Keeps an entry, or says why not. */
  Optional<Unkept> put(Entry entry) {
    Rule now = rule;
    Kept kept = new Kept(entry, entry.storedAt() + now.ttl);
    if (entry.body().length() > now.maxEntry) {
      return Optional.of(Unkept.TOO_LARGE);
    }
    if (kept.expiresAt() <= now()) {
      return Optional.of(Unkept.STALE);
    }
    if (epochs.cover(entry)) {
      return Optional.of(Unkept.PURGED);
    }
    cache.put(entry.fingerprint(), kept);
    return Optional.empty();
  }

  private long now() {
    return clock.getAsLong();
  }

  /** How many entries there are, about. */
  public long entries() {
    return cache.estimatedSize();
  }

  /** How many bytes they weigh, about. */
  public long bytes() {
    return cache.policy().eviction().orElseThrow().weightedSize().orElse(0);
  }
}
