package dev.refrain.demo;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Usage that a simulated upstream would bill. Written on its event loop, read on any thread. */
final class UsageMeter {
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong promptTokens = new AtomicLong();
  private final AtomicLong completionTokens = new AtomicLong();
  private final AtomicLong abandoned = new AtomicLong();
  private final AtomicInteger open = new AtomicInteger();

  /** Another call; the result is its number, from 1. */
  long called() {
    return calls.incrementAndGet();
  }

  void read(int tokens) {
    promptTokens.addAndGet(tokens);
  }

  void wrote(int tokens) {
    completionTokens.addAndGet(tokens);
  }

  void opened() {
    open.incrementAndGet();
  }

  void closed() {
    open.decrementAndGet();
  }

  void abandon() {
    abandoned.incrementAndGet();
  }

  long calls() {
    return calls.get();
  }

  long promptTokens() {
    return promptTokens.get();
  }

  long completionTokens() {
    return completionTokens.get();
  }

  long abandoned() {
    return abandoned.get();
  }

  int open() {
    return open.get();
  }
}
