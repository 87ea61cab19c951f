package dev.refrain.redis;

import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before the next attempt: doubling from {@code first} up to {@code cap}, and
 * between half and all of that by chance, so that a fleet does not come back in one wave.
 *
 * @param first in milliseconds
 * @param cap in milliseconds
 */
record Backoff(long first, long cap) {
  private static final int MAX_DOUBLINGS = 30;

  /** Milliseconds to wait after {@code failed} attempts in a row, counted from 1. */
  long delay(int failed) {
    long full = Math.min(cap, first << Math.min(failed - 1, MAX_DOUBLINGS));
    return ThreadLocalRandom.current().nextLong(Math.max(1, full / 2), full + 1);
  }
}
