package dev.refrain;

import dev.refrain.keys.Account;
import dev.refrain.keys.Keyring;
import dev.refrain.keys.fleet.Ledger;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/** The limits of this process' keys, which it counts with others where there is a Redis. */
final class Accounts {
  private final AtomicBoolean taken = new AtomicBoolean();
  private volatile Keyring keyring;
  private volatile Ledger ledger;

  /** Those of the first edition. */
  Accounts(Keyring keyring) {
    this.keyring = keyring;
  }

  /** Goes by the keys of another edition. */
  void adopt(Keyring news) {
    keyring = news;
  }

  /** Takes the ledger that the first event loop makes; the others need not make any. */
  void connect(Function<Supplier<List<Account>>, Ledger> first) {
    if (taken.compareAndSet(false, true)) {
      ledger = first.apply(() -> keyring.accounts());
    }
  }

  /** Settles no more. */
  void close() {
    Ledger there = ledger;
    if (there != null) {
      there.close();
    }
  }
}
