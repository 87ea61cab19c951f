package dev.refrain.runtime;

import dev.refrain.keys.Keyring;
import dev.refrain.keys.Keyring.KeyLimit;
import dev.refrain.keys.fleet.SharedLimits;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The rate limits of this process's keys, shared with other replicas through Redis where there is
 * one.
 */
public final class KeyLimits {
  private final AtomicBoolean taken = new AtomicBoolean();
  private volatile Keyring keyring;
  private volatile SharedLimits sharedLimits;

  /** The limits of the first generation. */
  public KeyLimits(Keyring keyring) {
    this.keyring = keyring;
  }

  /** Adopts the keys of another generation. */
  public void adopt(Keyring news) {
    keyring = news;
  }

  /** Takes the ledger that the first event loop makes; the others need not make any. */
  public void connect(Function<Supplier<List<KeyLimit>>, SharedLimits> first) {
    if (taken.compareAndSet(false, true)) {
      sharedLimits = first.apply(() -> keyring.keyLimits());
    }
  }

  /** Settles no more. */
  public void close() {
    SharedLimits there = sharedLimits;
    if (there != null) {
      there.close();
    }
  }
}
