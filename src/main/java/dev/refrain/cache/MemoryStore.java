package dev.refrain.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import dev.refrain.inference.FieldDigests;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer.NotStored;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Source;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The answers of this process, bounded in bytes, each for a time. One for all event loops; safe on
 * any thread.
 */
public final class MemoryStore {
  /** Entries that one question compares with, so that it takes a few milliseconds at most. */
  private static final int MOST_COMPARED = 65_536;

  private final Cache<Fingerprint, CachedEntry> cache;
  private final LongSupplier clock;
  private final PurgeMarks purgeMarks;
  private volatile Retention retention;

  /**
   * Freshness lifetime and additional stale lifetime in milliseconds, and maximum entry size in
   * bytes.
   */
  private record Retention(long ttl, long grace, int maxEntry) {}

  /**
   * A store.
   *
   * @param size most bytes in all
   * @param maxEntry most bytes of one body
   * @param ttl how long an answer is fresh after it was made
   * @param grace how much longer it is kept, to be served where a stale one is better than none
   * @param clock milliseconds of the epoch
   * @param purgeMarks what was purged
   */
  public MemoryStore(
      long size,
      int maxEntry,
      Duration ttl,
      Duration grace,
      LongSupplier clock,
      PurgeMarks purgeMarks) {
    this.purgeMarks = purgeMarks;
    this.clock = clock;
    this.retention = new Retention(ttl.toMillis(), grace.toMillis(), maxEntry);
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(size)
            .weigher((Fingerprint key, CachedEntry cachedEntry) -> cachedEntry.weight())
            // At every write: a new answer in the place of an old one has its own time.
            .expireAfter(
                Expiry.writing((Fingerprint key, CachedEntry cachedEntry) -> left(cachedEntry)))
            // Maintenance is short, and a pool of its own would only steal the event loops' cores.
            .executor(Runnable::run)
            .build();
  }

  /**
   * Goes by other bounds from now on, each as in the constructor. What is kept already keeps the
   * time it was given; what there is no room for any more is dropped.
   */
  public void bound(long size, int maxEntry, Duration ttl, Duration grace) {
    retention = new Retention(ttl.toMillis(), grace.toMillis(), maxEntry);
    cache.policy().eviction().orElseThrow().setMaximum(size);
  }

  private Duration left(CachedEntry cachedEntry) {
    return Duration.ofMillis(
        Math.max(0, cachedEntry.expiresAt() + retention.grace - clock.getAsLong()));
  }

  /** The answer for a request, or null if there is none this request may have. */
  Future<InferenceResponse> find(Fingerprint fingerprint, InferenceRequest request) {
    return find(fingerprint, request, 0);
  }

  /** The same, also if it is past its time, up to {@code late} milliseconds and the grace. */
  Future<InferenceResponse> find(Fingerprint fingerprint, InferenceRequest request, long late) {
    long now = clock.getAsLong();
    CachedEntry cachedEntry = usable(fingerprint, now - late);
    if (cachedEntry == null || !request.directives().accept(cachedEntry.entry().storedAt(), now)) {
      return null;
    }
    Future<InferenceResponse> answer = cachedEntry.answer(request);
    Future<InferenceResponse> found = answer != null ? answer : make(cachedEntry, request);
    if (found != null) {
      cachedEntry.hit();
    }
    return found;
  }

  /** Whether an answer that was found before may still be served, so late past its time. */
  boolean allows(InferenceResponse found, long late) {
    return found.provenance().expiresAt() + late > now()
        && !purgeMarks.covers(found.entry().result());
  }

  private Future<InferenceResponse> make(CachedEntry cachedEntry, InferenceRequest request) {
    CachedEntry grown = cachedEntry.with(request).orElse(null);
    if (grown == null) {
      return null;
    }
    cache
        .asMap()
        .replace(
            cachedEntry.entry().fingerprint(), cachedEntry, grown); // unless it is another by now
    return grown.answer(request);
  }

  private CachedEntry usable(Fingerprint fingerprint, long oldest) {
    CachedEntry cachedEntry = cache.getIfPresent(fingerprint);
    // The cache measures time by another clock, which stands still while the machine sleeps.
    boolean over = cachedEntry == null || cachedEntry.expiresAt() <= oldest;
    return over || purgeMarks.covers(cachedEntry.entry()) ? null : cachedEntry;
  }

  /** Keeps an entry, or says why not. */
  Optional<NotStored> put(Entry entry, FieldDigests fields) {
    Optional<NotStored> refusal = refusal(entry);
    if (refusal.isEmpty()) {
      cache.put(
          entry.fingerprint(), new CachedEntry(entry, fields, entry.expiresAt(retention.ttl)));
    }
    return refusal;
  }

  /** Stores an entry from elsewhere unless one that is as new is there; any thread. */
  public Imported add(Entry entry) {
    CachedEntry added = imported(entry);
    CachedEntry there =
        cache.asMap().merge(entry.fingerprint(), added, (old, news) -> newer(old, news));
    return there == added ? Imported.STORED : Imported.KEPT;
  }

  /** Whether memory holds no entry of the same fingerprint that is as new. */
  public boolean hasNothingNewer(Entry entry) {
    return peek(entry.fingerprint())
        .filter(there -> there.entry().storedAt() >= entry.storedAt())
        .isEmpty();
  }

  /** Puts an entry from elsewhere in the place of an older one, if there is an older one. */
  public void renew(Entry entry) {
    cache.asMap().computeIfPresent(entry.fingerprint(), (key, old) -> newer(old, imported(entry)));
  }

  private CachedEntry imported(Entry entry) {
    return new CachedEntry(entry, FieldDigests.NONE, entry.expiresAt(retention.ttl));
  }

  private CachedEntry newer(CachedEntry old, CachedEntry news) {
    boolean stays = old.entry().storedAt() >= news.entry().storedAt();
    return stays && old.expiresAt() > now() && !purgeMarks.covers(old.entry()) ? old : news;
  }

  /** The entries that could be served, in no order, as they are while the iterator moves. */
  public Iterator<Entry> entries(EntryFilter filter) {
    return cache.asMap().values().stream()
        .filter(each -> each.expiresAt() > now() && !purgeMarks.covers(each.entry()))
        .map(CachedEntry::entry)
        .filter(filter::selects)
        .iterator();
  }

  /** Removes entries; how many that was. It looks at all of them. */
  public long remove(EntryFilter filter) {
    List<CachedEntry> selected =
        cache.asMap().values().stream().filter(each -> filter.selects(each.entry())).toList();
    return selected.stream()
        .filter(each -> cache.asMap().remove(each.entry().fingerprint(), each))
        .count();
  }

  /** Whether an entry is stored: not too large, not past its time, and not purged meanwhile. */
  public boolean accepts(Entry entry) {
    return refusal(entry).isEmpty();
  }

  private Optional<NotStored> refusal(Entry entry) {
    Retention bounds = retention;
    if (entry.body().length() > bounds.maxEntry) {
      return Optional.of(NotStored.TOO_LARGE);
    }
    if (entry.expiresAt(bounds.ttl) <= now()) {
      return Optional.of(NotStored.STALE);
    }
    return purgeMarks.covers(entry) ? Optional.of(NotStored.PURGED) : Optional.empty();
  }

  /** The entry that would be served, for an operator: it does not count as used. Any thread. */
  public Optional<StoredEntry> peek(Fingerprint fingerprint) {
    return Optional.ofNullable(cache.policy().getIfPresentQuietly(fingerprint))
        .filter(found -> found.expiresAt() > now() && !purgeMarks.covers(found.entry()))
        .map(found -> new StoredEntry(Source.MEMORY, found.entry(), found.expiresAt()));
  }

  /** What a list of entries is ordered by. */
  public enum Order {
    /** The largest first. */
    SIZE,
    /** The oldest first. */
    AGE,
    /** The most often served first. */
    HITS
  }

  /**
   * An entry in a list.
   *
   * @param bytes it takes in memory
   * @param hits how often it was served
   */
  public record ListedEntry(Entry entry, long expiresAt, int bytes, int hits) {}

  /** The first of the entries that could be served, in this order. It looks at all of them. */
  public List<ListedEntry> list(Order order, int most) {
    long now = now();
    Comparator<CachedEntry> by =
        switch (order) {
          case SIZE -> Comparator.comparing(CachedEntry::weight).reversed();
          case AGE -> Comparator.comparing(each -> each.entry().storedAt());
          case HITS -> Comparator.comparing(CachedEntry::hits).reversed();
        };
    return cache.asMap().values().stream()
        .filter(each -> each.expiresAt() > now && !purgeMarks.covers(each.entry()))
        .sorted(by)
        .limit(most)
        .map(each -> new ListedEntry(each.entry(), each.expiresAt(), each.weight(), each.hits()))
        .toList();
  }

  /** How many answers that could be served a purge would make unusable. It looks at all of them. */
  public long count(Purge purge) {
    long now = now();
    return cache.asMap().values().stream()
        .filter(each -> each.expiresAt() > now && !purgeMarks.covers(each.entry()))
        .filter(each -> concerns(purge, each.entry()))
        .count();
  }

  private static boolean concerns(Purge purge, Entry entry) {
    Shareable key = new Shareable(entry.fingerprint(), entry.scope(), entry.namespace());
    return purge.concerns(key, entry.model());
  }

  /**
   * A stored entry that is not what was asked for.
   *
   * @param differing names of the fields in which their requests differ; {@code scope} and {@code
   *     namespace} among them
   */
  public record Nearest(StoredEntry entry, List<String> differing) {}

  /**
   * Of the entries for the same endpoint and model, the one whose request differs in the fewest
   * fields, for an operator; it does not count as used. Looks at a bounded number of entries. Any
   * thread.
   */
  public Optional<Nearest> nearest(FieldDigests asked, String model, Shareable key) {
    CachedEntry best = null;
    List<String> fewest = List.of();
    int left = MOST_COMPARED;
    for (CachedEntry each : cache.asMap().values()) {
      if (--left < 0) {
        break;
      }
      if (isComparable(each, asked, model)) {
        List<String> differing = differing(each, asked, key);
        if (best == null || differing.size() < fewest.size()) {
          best = each;
          fewest = differing;
        }
      }
    }
    List<String> names = List.copyOf(fewest);
    return Optional.ofNullable(best)
        .map(
            found ->
                new Nearest(
                    new StoredEntry(Source.MEMORY, found.entry(), found.expiresAt()), names));
  }

  private boolean isComparable(CachedEntry each, FieldDigests asked, String model) {
    return each.fields().isComparableTo(asked)
        && each.entry().model().equals(model)
        && each.expiresAt() > now()
        && !purgeMarks.covers(each.entry());
  }

  private static List<String> differing(CachedEntry each, FieldDigests asked, Shareable key) {
    List<String> differing = asked.differing(each.fields());
    if (each.entry().scope() != key.scope()) {
      differing.add("scope");
    }
    if (!each.entry().namespace().equals(key.namespace())) {
      differing.add("namespace");
    }
    return differing;
  }

  private long now() {
    return clock.getAsLong();
  }

  /** Drops everything. */
  public void clear() {
    cache.invalidateAll();
  }

  /** How many entries there are, about. */
  public long entries() {
    return cache.estimatedSize();
  }

  /** How many bytes they weigh, about. */
  public long bytes() {
    return cache.policy().eviction().orElseThrow().weightedSize().orElse(0);
  }

  /**
   * An entry as a tier has it.
   *
   * @param expiresAt when it stops being fresh, in milliseconds of the epoch
   */
  public record StoredEntry(Source tier, Entry entry, long expiresAt) {}
}
