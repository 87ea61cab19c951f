package dev.refrain.redis;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Delay before the next attempt: it doubles from {@code first} up to {@code cap} and is randomly
 * reduced by up to half, so that a fleet does not reconnect in one wave.
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
