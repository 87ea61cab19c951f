package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdaptiveLimitTest {

  @Test
  void aFixedOneNeverMoves() {
    AdaptiveLimit adaptiveLimit = new AdaptiveLimit(8, 8);
    adaptiveLimit.refused(8, adaptiveLimit.cuts());
    adaptiveLimit.served(8);

    assertThat(adaptiveLimit.now()).isEqualTo(8);
  }

  @Test
  void aRefusalCutsToAFifthLessThanWasUnderWay() {
    AdaptiveLimit adaptiveLimit = new AdaptiveLimit(1, 512);
    adaptiveLimit.refused(40, adaptiveLimit.cuts());

    assertThat(adaptiveLimit.now()).isEqualTo(32);
  }

  @Test
  void aCrowdThatIsRefusedTogetherIsCutOnce() {
    AdaptiveLimit adaptiveLimit = new AdaptiveLimit(1, 100);
    int since = adaptiveLimit.cuts();
    for (int active = 100; active > 50; active--) {
      adaptiveLimit.refused(active, since);
    }

    assertThat(adaptiveLimit.now()).isEqualTo(80);
  }

  @Test
  void itNeverFallsBelowTheLeastNorRisesAboveTheMost() {
    AdaptiveLimit adaptiveLimit = new AdaptiveLimit(3, 10);
    for (int i = 0; i < 50; i++) {
      adaptiveLimit.refused(1, adaptiveLimit.cuts());
    }
    assertThat(adaptiveLimit.now()).isEqualTo(3);
    for (int i = 0; i < 1_000; i++) {
      adaptiveLimit.served(adaptiveLimit.now());
    }
    assertThat(adaptiveLimit.now()).isEqualTo(10);
  }

  @Test
  void whatIsNotUsedUpDoesNotGrow() {
    AdaptiveLimit adaptiveLimit = new AdaptiveLimit(1, 100);
    adaptiveLimit.refused(100, adaptiveLimit.cuts());
    for (int i = 0; i < 10_000; i++) {
      adaptiveLimit.served(79);
    }

    assertThat(adaptiveLimit.now()).isEqualTo(80);
  }

  /** Nobody is sent away together: what is let in besides grows with the answers, not at once. */
  @Test
  void itGrowsByAboutOneInARound() {
    AdaptiveLimit adaptiveLimit = new AdaptiveLimit(1, 100);
    adaptiveLimit.refused(100, adaptiveLimit.cuts());
    for (int i = 0; i < 80; i++) {
      adaptiveLimit.served(adaptiveLimit.now());
    }

    assertThat(adaptiveLimit.now()).isBetween(80, 81);
  }

  /**
   * A server that bears 64, then 16, then 128 calls at once and refuses more, with more to do than
   * it ever can: most of what it bears is used, and little is refused.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void itFollowsWhatTheServerBears(long seed) {
    PlayedServer server = new PlayedServer(new AdaptiveLimit(4, 512), seed);
    for (int bears : new int[] {64, 16, 128, 16}) {
      server.run(bears, 200);
      PlayedServer.Tally tally = server.run(bears, 400);

      assertThat(tally.used()).as("of %s", bears).isBetween(0.75 * bears, 1.0 * bears);
      assertThat(tally.refused()).as("of %s", bears).isLessThan(0.03);
      assertThat(tally.lowest()).isGreaterThanOrEqualTo(4);
    }
  }

  /** Answers take 0.5 to 8 s, whatever the load; refusals 10 ms. Its time is not ours. */
  private static final class PlayedServer {
    private static final double REFUSAL = 0.01;

    private final AdaptiveLimit adaptiveLimit;
    private final Random random;
    private final PriorityQueue<Call> underWay =
        new PriorityQueue<>((one, other) -> Double.compare(one.end, other.end));
    private double now;
    private int inside;

    PlayedServer(AdaptiveLimit adaptiveLimit, long seed) {
      this.adaptiveLimit = adaptiveLimit;
      this.random = new Random(seed);
    }

    /** Seconds of unending demand. */
    Tally run(int bears, double seconds) {
      double until = now + seconds;
      double busy = 0;
      int ended = 0;
      int refused = 0;
      int lowest = Integer.MAX_VALUE;
      while (now < until) {
        while (underWay.size() < adaptiveLimit.now()) {
          call(bears);
        }
        Call next = underWay.peek();
        busy += inside * (next.end - now);
        now = next.end;
        ended++;
        refused += next.taken ? 0 : 1;
        end(next);
        lowest = Math.min(lowest, adaptiveLimit.now());
      }
      return new Tally(busy / seconds, (double) refused / ended, lowest);
    }

    private void call(int bears) {
      boolean taken = inside < bears;
      inside += taken ? 1 : 0;
      double length = taken ? Math.min(8, 0.5 + Math.exp(random.nextGaussian())) : REFUSAL;
      underWay.add(new Call(now + length, taken, adaptiveLimit.cuts()));
    }

    private void end(Call call) {
      if (call.taken) {
        inside--;
        adaptiveLimit.served(underWay.size());
      } else {
        adaptiveLimit.refused(underWay.size(), call.since);
      }
      underWay.remove(call);
    }

    private record Call(double end, boolean taken, int since) {}

    private record Tally(double used, double refused, int lowest) {}
  }
}
