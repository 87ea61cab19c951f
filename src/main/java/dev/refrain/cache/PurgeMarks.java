package dev.refrain.cache;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Sharing.Shareable;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import java.util.stream.LongStream;

/**
 * Time marks of purges: an entry dated at or before the mark that covers it is not served. A purge
 * is one mark, however many answers it concerns; one for the process, safe on any thread.
 *
 * <p>Memory: at most {@link #MOST} marks. One more makes a purge of everything out of all of them,
 * so that none is forgotten before the answers it concerns have expired.
 */
public final class PurgeMarks {
  /** Most marks at once. */
  static final int MOST = 1_000;

  private volatile long retention;
  private final LongSupplier clock;
  private volatile ObjLongConsumer<Purge> listener;
  private final Map<Purge, Long> marks = new ConcurrentHashMap<>();

  /** No later request is marked. */
  private volatile long newest = Long.MIN_VALUE;

  private volatile boolean complete = true;

  /**
   * No purge yet.
   *
   * @param retention the longest an answer is kept; older marks concern nothing
   * @param clock milliseconds of the epoch
   */
  public PurgeMarks(Duration retention, LongSupplier clock) {
    this(retention, clock, (what, epoch) -> {});
  }

  /**
   * The same, with a listener for each new mark. It is called on the thread that adds the mark,
   * after the mark is in effect.
   */
  public PurgeMarks(Duration retention, LongSupplier clock, ObjLongConsumer<Purge> listener) {
    this.listener = listener;
    this.retention = retention.toMillis();
    this.clock = clock;
  }

  /** Adds a listener for each new mark, which is called after the earlier ones. */
  public synchronized void addListener(ObjLongConsumer<Purge> another) {
    ObjLongConsumer<Purge> before = listener;
    listener =
        (what, until) -> {
          before.accept(what, until);
          another.accept(what, until);
        };
  }

  /** Marks answers as purged that were requested at {@code epoch} (in milliseconds) or before. */
  public synchronized void add(Purge what, long epoch) {
    if (epoch <= marks.getOrDefault(Purge.ALL, Long.MIN_VALUE)) {
      return;
    }
    if (marks.size() >= MOST) {
      forget();
    }
    Purge mark = marks.size() < MOST || marks.containsKey(what) ? what : Purge.ALL;
    long until = mark.equals(what) ? epoch : Math.max(epoch, newest);
    if (until <= marks.getOrDefault(mark, Long.MIN_VALUE)) {
      return;
    }
    marks.put(mark, until);
    newest = Math.max(newest, until);
    if (mark.equals(Purge.ALL)) {
      marks.entrySet().removeIf(other -> isNeedless(other, until));
    }
    listener.accept(mark, until);
  }

  private static boolean isNeedless(Map.Entry<Purge, Long> mark, long until) {
    return mark.getKey().by() != Purge.By.ALL && mark.getValue() <= until;
  }

  /**
   * Takes marks back that lie in the future, which would concern what is requested from now on.
   *
   * @param latest the latest that a mark may be, in milliseconds of the epoch
   */
  public synchronized void clamp(long latest) {
    if (newest > latest) {
      marks.replaceAll((what, epoch) -> Math.min(epoch, latest));
      newest = latest;
    }
  }

  /** Now, in milliseconds of the epoch, by the clock of the marks. */
  public long now() {
    return clock.getAsLong();
  }

  /** Remembers for another time from now on; as in the constructor. */
  public void retain(Duration other) {
    retention = other.toMillis();
  }

  /** The longest an answer is kept, in milliseconds. */
  public long retention() {
    return retention;
  }

  /** Forgets what concerns no answer any more. */
  public void forget() {
    long oldest = clock.getAsLong() - retention;
    marks.values().removeIf(epoch -> epoch < oldest);
  }

  /** Whether an answer must not be served. */
  public boolean covers(Entry entry) {
    long asked = entry.storedAt();
    return asked <= newest && asked <= of(key(entry), entry.model());
  }

  /**
   * The newest epoch of an answer, in milliseconds; 0 if it was never purged, as far as remembered.
   *
   * @param key the request and its scope
   * @param model as requested
   */
  public long of(Shareable key, String model) {
    return marks.isEmpty()
        ? 0
        : LongStream.of(
                mark(Purge.ALL),
                mark(new Purge.OfFingerprint(key.fingerprint())),
                mark(new Purge.OfModel(model)),
                mark(new Purge.OfNamespace(key.namespace())),
                mark(new Purge.OfScope(key.scope())))
            .max()
            .orElseThrow();
  }

  private static Shareable key(Entry entry) {
    return new Shareable(entry.fingerprint(), entry.scope(), entry.namespace());
  }

  private long mark(Purge what) {
    return marks.getOrDefault(what, 0L);
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
