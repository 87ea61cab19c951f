package dev.refrain.memory;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Limits the bytes that all requests of this process hold together, by use. Heap and direct memory
 * have a bound each. Bytes are taken in steps of {@link Reservation#STEP}, so that growing piece by
 * piece costs little. Safe on any thread; takes no lock and allocates nothing.
 */
public final class MemoryBudget {
  /** Kinds of memory, each with a bound of its own. */
  public enum Pool {
    /** The Java heap. */
    HEAP("heap"),
    /** Direct memory, which sockets are written from. */
    DIRECT("direct");

    private final String label;

    Pool(String label) {
      this.label = label;
    }

    /** Its name in metrics. */
    public String label() {
      return label;
    }
  }

  /**
   * Use of memory; also the label in metrics. Uses that slow readers drive may take only a part of
   * it, so that slow readers leave room for new requests.
   */
  public enum Use {
    /** Bodies of requests, from their first byte until the request is answered. */
    REQUEST_BODIES("request_bodies", Pool.HEAP, 8),
    /** Answers that an upstream sends as one document, while they come. */
    RESPONSES("responses", Pool.HEAP, 8),
    /** Answers of the parts of a request, until they are merged. */
    MERGED_RESPONSES("merged_responses", Pool.HEAP, 8),
    /** Streams that are recorded for other readers and for the cache. */
    RECORDINGS("recordings", Pool.HEAP, 3),
    /** Counters that number the requests of runs. */
    SAMPLE_COUNTERS("sample_counters", Pool.HEAP, 1),
    /** Whole answers and events that wait until a slow reader takes them. */
    HELD_RESPONSES("held_responses", Pool.HEAP, 3),
    /** Answers that wait to be written to the disk. */
    PENDING_STORES("pending_stores", Pool.HEAP, 1),
    /** Entries that are exported or imported, a few at a time. */
    TRANSFERS("transfers", Pool.HEAP, 2),
    /** Bytes given to sockets whose peers do not take them. */
    UNSENT_BYTES("unsent_bytes", Pool.DIRECT, 8);

    private final String label;
    private final Pool pool;
    private final int eighths;

    Use(String label, Pool pool, int eighths) {
      this.label = label;
      this.pool = pool;
      this.eighths = eighths;
    }

    /** Its name in metrics. */
    public String label() {
      return label;
    }

    /** Where its bytes are. */
    public Pool pool() {
      return pool;
    }
  }

  private static final long SMALL = 64 * 1024;
  private static final int SPARED_SHARE = 32;

  private static final class Account {
    private final AtomicLong used = new AtomicLong();
    private final LongAdder rejected = new LongAdder();
  }

  private static final class Total {
    private final AtomicLong used = new AtomicLong();
    private volatile long bound;

    Total(long bound) {
      this.bound = bound;
    }
  }

  private final Map<Pool, Total> totals = new EnumMap<>(Pool.class);
  private final Map<Use, Account> accounts = new EnumMap<>(Use.class);

  /**
   * A budget of which nothing is used.
   *
   * @param heap most bytes of heap
   * @param direct most bytes of direct memory
   */
  public MemoryBudget(long heap, long direct) {
    totals.put(Pool.HEAP, new Total(heap));
    totals.put(Pool.DIRECT, new Total(direct));
    for (Use use : Use.values()) {
      accounts.put(use, new Account());
    }
  }

  /** A budget that grants everything. */
  public static MemoryBudget unlimited() {
    return new MemoryBudget(Long.MAX_VALUE / 2, Long.MAX_VALUE / 2);
  }

  /** Goes by other bounds from now on, as in the constructor. What was taken stays taken. */
  public void bound(long heap, long direct) {
    totals.get(Pool.HEAP).bound = heap;
    totals.get(Pool.DIRECT).bound = direct;
  }

  /** An empty reservation. */
  public Reservation reserve(Use use) {
    return new Reservation(this, use);
  }

  /**
   * Takes so many bytes, or takes none, counts a rejection and returns false. Large amounts leave a
   * small part of the budget alone, so that small requests are served beside them.
   */
  boolean take(Use use, long bytes) {
    Total total = totals.get(use.pool);
    long spared = bytes > SMALL ? total.bound / SPARED_SHARE : 0;
    Account account = accounts.get(use);
    boolean fits = account.used.addAndGet(bytes) <= total.bound / 8 * use.eighths;
    if (total.used.addAndGet(bytes) <= total.bound - spared && fits) {
      return true;
    }
    giveBack(use, bytes);
    account.rejected.increment();
    return false;
  }

  void giveBack(Use use, long bytes) {
    accounts.get(use).used.addAndGet(-bytes);
    totals.get(use.pool).used.addAndGet(-bytes);
  }

  /** Whether less than an eighth of a kind of memory is left. */
  public boolean isNearlyFull(Pool pool) {
    Total total = totals.get(pool);
    return total.used.get() > total.bound - total.bound / 8;
  }

  /** Most bytes of a kind of memory. */
  public long bound(Pool pool) {
    return totals.get(pool).bound;
  }

  /** Bytes taken of a kind of memory. */
  public long used(Pool pool) {
    return totals.get(pool).used.get();
  }

  /** Bytes taken for a use. */
  public long used(Use use) {
    return accounts.get(use).used.get();
  }

  /** How often nothing was left for a use. */
  public long rejected(Use use) {
    return accounts.get(use).rejected.sum();
  }
}
