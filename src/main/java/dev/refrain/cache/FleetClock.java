package dev.refrain.cache;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Milliseconds of the epoch, counted alike by all replicas: the clock of this machine, corrected by
 * its distance from the clock of Redis. Without Redis it is the clock of this machine.
 *
 * <p>Any thread reads it; one sets it.
 */
public final class FleetClock implements LongSupplier {
  /**
   * The most by which the clocks of two replicas differ after correction. A reading is as exact as
   * half the time it took.
   */
  public static final Duration TOLERANCE = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(FleetClock.class);

  private final LongSupplier local;
  private volatile long offset;
  private volatile Runnable setBack = () -> {};
  private boolean warned;

  /**
   * An uncorrected clock.
   *
   * @param local the clock of this machine, in milliseconds of the epoch
   */
  public FleetClock(LongSupplier local) {
    this.local = local;
  }

  @Override
  public long getAsLong() {
    return local.getAsLong() + offset;
  }

  /** By how many milliseconds the clock of Redis is ahead of that of this machine. */
  public long offset() {
    return offset;
  }

  /** Sets what happens when the corrected time goes back by more than the tolerance. */
  public void onSetBack(Runnable listener) {
    setBack = listener;
  }

  /** Begins a reading of the clock of Redis; by the clock of this machine. */
  public long begin() {
    return local.getAsLong();
  }

  /**
   * Ends a reading: corrects the time, unless the difference may come from the reading itself.
   *
   * @param begun what {@link #begin} gave
   * @param there the time of Redis, in milliseconds of the epoch
   * @return by how many milliseconds the time moved; 0 within the tolerance
   */
  public long correct(long begun, long there) {
    long ended = local.getAsLong();
    long error = Math.max(0, ended - begun) / 2 + 1;
    long seen = there - (begun + ended) / 2;
    long moved = seen - offset;
    if (Math.abs(moved) <= error) {
      return 0;
    }
    offset = seen;
    warn();
    if (Math.abs(moved) <= TOLERANCE.toMillis()) {
      return 0;
    }
    if (moved < 0) {
      setBack.run();
    }
    return moved;
  }

  private void warn() {
    boolean apart = Math.abs(offset) > TOLERANCE.toMillis();
    if (apart && !warned) {
      LOG.warn(
          "the clock of this machine is {} ms {} that of Redis; times of the cache are counted by"
              + " Redis' clock; run NTP on both",
          Math.abs(offset),
          offset > 0 ? "behind" : "ahead of");
    } else if (!apart && warned) {
      LOG.info("the clock of this machine and that of Redis agree again");
    }
    warned = apart;
  }
}
