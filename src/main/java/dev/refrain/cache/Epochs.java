package dev.refrain.cache;

import dev.refrain.completion.Entry;
import dev.refrain.completion.Purge;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Until when answers were purged: what was asked for at an epoch or before is not served any more.
 * A purge is one mark, however many answers it concerns; one for the process, safe on any thread.
 *
 * <p>Memory: at most {@link #MOST} marks. One more makes a purge of everything out of all of them,
 * so that none is forgotten before the answers it concerns have expired.
 */
public final class Epochs {
  /** Most marks at once. */
  static final int MOST = 1_000;

  private final long retention;
  private final LongSupplier clock;
  private final Map<Purge, Long> marks = new ConcurrentHashMap<>();

  /** Nothing that was asked for later is marked. */
  private volatile long newest = Long.MIN_VALUE;

  private volatile boolean complete = true;

  /**
   * No purge yet.
   *
   * @param retention the longest an answer is kept; older marks concern nothing
   * @param clock milliseconds of the epoch
   */
  public Epochs(Duration retention, LongSupplier clock) {
    this.retention = retention.toMillis();
    this.clock = clock;
  }

  /** Marks answers as purged that were asked for at {@code epoch} (in milliseconds) or before. */
  public synchronized void add(Purge what, long epoch) {
    if (epoch <= marks.getOrDefault(Purge.ALL, Long.MIN_VALUE)) {
      return;
    }
    if (marks.size() >= MOST) {
      forget();
    }
    Purge mark = marks.size() < MOST || marks.containsKey(what) ? what : Purge.ALL;
    long until = mark.equals(what) ? epoch : Math.max(epoch, newest);
    marks.merge(mark, until, Math::max);
    newest = Math.max(newest, until);
    if (mark.equals(Purge.ALL)) {
      marks.entrySet().removeIf(other -> isNeedless(other, until));
    }
  }

  private static boolean isNeedless(Map.Entry<Purge, Long> mark, long until) {
    return mark.getKey().by() != Purge.By.ALL && mark.getValue() <= until;
  }

  /** Forgets what concerns no answer any more. */
  public void forget() {
    long oldest = clock.getAsLong() - retention;
    marks.values().removeIf(epoch -> epoch < oldest);
  }

  /** Whether an answer must not be served. */
  public boolean cover(Entry entry) {
    long asked = entry.storedAt();
    return asked <= newest
        && (marked(Purge.ALL, asked)
            || marked(new Purge.OfFingerprint(entry.fingerprint()), asked)
            || marked(new Purge.OfModel(entry.model()), asked)
            || marked(new Purge.OfScope(entry.scope()), asked));
  }

  private boolean marked(Purge what, long asked) {
    Long epoch = marks.get(what);
    return epoch != null && asked <= epoch;
  }

  /** The marks there are. */
  public Map<Purge, Long> marks() {
    return Map.copyOf(marks);
  }

  /**
   * Whether the purges of other replicas are known, as far as there are any; before that, nothing
   * of theirs may be served.
   */
  public boolean isComplete() {
    return complete;
  }

  /** Says whether the purges of other replicas are known. */
  public void complete(boolean known) {
    complete = known;
  }
}
