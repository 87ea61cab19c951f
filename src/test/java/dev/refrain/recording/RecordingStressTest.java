package dev.refrain.recording;

import org.junit.jupiter.api.Test;

/**
 * Random lives of recordings, held against what must be true of any; seeded, so that they repeat.
 */
class RecordingStressTest {
  private static final int SEEDS = 3_000;

  @Test
  void whateverHappensEveryReaderGetsItsFramesOnceInOrderAndOneEnding() {
    for (long seed = 0; seed < SEEDS; seed++) {
      new RandomReaders(seed).run();
    }
  }
}
