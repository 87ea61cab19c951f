package dev.refrain.memory;

import dev.refrain.memory.MemoryBudget.Use;

/**
 * One owner's part of the {@link MemoryBudget}. Grows and shrinks in steps, and is to be released
 * when its owner ends. Belongs to one event loop.
 */
public final class Reservation {
  /** Bytes that are taken at once. */
  public static final int STEP = 16 * 1024;

  private final MemoryBudget budget;
  private final Use use;
  private long taken;
  private boolean released;

  Reservation(MemoryBudget budget, Use use) {
    this.budget = budget;
    this.use = use;
  }

  /**
   * Makes sure that at least so many bytes are reserved in all.
   *
   * @return false if the budget has no room for more; what was reserved before stays so
   */
  public boolean growTo(long bytes) {
    long wanted = steps(bytes);
    if (wanted <= taken || released) {
      return !released;
    }
    if (!budget.take(use, wanted - taken)) {
      return false;
    }
    taken = wanted;
    return true;
  }

  /** Gives back what is reserved beyond so many bytes. */
  public void shrinkTo(long bytes) {
    long wanted = steps(bytes);
    if (wanted < taken) {
      budget.giveBack(use, taken - wanted);
      taken = wanted;
    }
  }

  /** Gives everything back. After the first time it does nothing, and nothing can be reserved. */
  public void release() {
    shrinkTo(0);
    released = true;
  }

  /** Whether its owner has ended. */
  public boolean isReleased() {
    return released;
  }

  private static long steps(long bytes) {
    return (bytes + STEP - 1) / STEP * STEP;
  }
}
