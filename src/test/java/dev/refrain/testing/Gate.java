package dev.refrain.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A place where a script waits until the test lets it go on. */
public final class Gate {
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch opened = new CountDownLatch(1);

  /** Lets the script go on, now or when it comes here. */
  public void open() {
    opened.countDown();
  }

  /** Waits until a script stands here. */
  public void awaitReached() throws InterruptedException {
    assertThat(reached.await(10, TimeUnit.SECONDS)).as("script reached its gate").isTrue();
  }

  void pass() throws InterruptedException {
    reached.countDown();
    opened.await();
  }
}
