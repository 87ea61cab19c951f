package dev.refrain.flight;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Random crowds on several event loops, held against what must be true of any. A seed gives the
 * same crowd again; how the loops interleave is the machine's affair.
 */
class FlightStressTest {
  private static final int LOOPS = 3;
  private static final int SEEDS = 300;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(LOOPS));

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  @Test
  void everybodyIsAnsweredOnceAndNothingIsLeftBehind() throws Exception {
    for (long seed = 0; seed < SEEDS; seed++) {
      try (RandomCallers crowd = new RandomCallers(vertx, LOOPS, seed, false)) {
        crowd.run();
      }
    }
  }

  @Test
  void callsThatNeverEndAreEndedWhenEverybodyHasLeft() throws Exception {
    for (long seed = 0; seed < SEEDS; seed++) {
      try (RandomCallers crowd = new RandomCallers(vertx, LOOPS, seed, true)) {
        crowd.run();
      }
    }
  }
}
