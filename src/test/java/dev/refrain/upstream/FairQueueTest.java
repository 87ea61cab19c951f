package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairQueueTest {
  private final FairQueue<String> queue = new FairQueue<>();

  @Test
  void callersTakeTurnsAndEachKeepsItsOwnOrder() {
    add(1, "a1", "a2", "a3");
    add(2, "b1");
    add(3, "c1", "c2");

    assertThat(all()).containsExactly("a1", "b1", "c1", "a2", "c2", "a3");
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.poll()).isNull();
  }

  @Test
  void aNewCallerWaitsForOneRoundAtMost() {
    add(1, "a1", "a2", "a3");
    assertThat(queue.poll()).isEqualTo("a1");
    add(2, "b1");

    assertThat(all()).containsExactly("a2", "b1", "a3");
  }

  @Test
  void oneThatWaitsNoMoreIsNotTaken() {
    add(1, "a1", "a2");
    assertThat(queue.remove(1, "a1")).isTrue();
    assertThat(queue.remove(1, "a1")).isFalse();
    assertThat(queue.remove(2, "a2")).isFalse();

    assertThat(all()).containsExactly("a2");
  }

  @Test
  void theCallerWithTheMostMakesRoomWithItsNewest() {
    add(1, "a1", "a2", "a3");
    add(2, "b1");

    assertThat(queue.displace(3)).isEqualTo("a3");
    assertThat(queue.displace(2)).as("two each would be no fairer").isNull();
    assertThat(queue.displace(1)).isNull();
    assertThat(all()).containsExactly("a1", "b1", "a2");
  }

  private void add(long caller, String... waiters) {
    for (String waiter : waiters) {
      queue.add(caller, waiter);
    }
  }

  private List<String> all() {
    List<String> all = new ArrayList<>();
    for (String next = queue.poll(); next != null; next = queue.poll()) {
      all.add(next);
    }
    return all;
  }
}
