package dev.refrain.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

class DeliveryTest {
  private final List<Integer> delivered = new ArrayList<>();
  private final Delivery delivery = new Delivery(this::deliver);
  private IntConsumer reader = number -> {};
  private int available;

  @Test
  void everythingThatIsThereIsDeliveredInOrder() {
    available = 3;
    assertThat(delivery.advance()).isTrue();
    assertThat(delivered).containsExactly(0, 1, 2);
    available = 4;
    delivery.advance();
    assertThat(delivered).containsExactly(0, 1, 2, 3);
  }

  @Test
  void nothingIsDeliveredAfterAPauseUntilItResumes() {
    available = 3;
    reader = number -> delivery.pause();
    delivery.advance();
    assertThat(delivered).containsExactly(0);
    delivery.advance();
    assertThat(delivered).containsExactly(0);
    assertThat(delivery.isPaused()).isTrue();
    reader = number -> {};
    delivery.resume();
    assertThat(delivered).containsExactly(0, 1, 2);
  }

  @Test
  void aReaderThatPausesAndResumesWithinItsOwnCallDoesNotGrowTheStack() {
    available = 100_000;
    List<Boolean> nested = new ArrayList<>();
    reader =
        number -> {
          delivery.pause();
          nested.add(delivery.resume());
        };
    assertThat(delivery.advance()).isTrue();
    assertThat(delivered).hasSize(available);
    assertThat(nested).containsOnly(false);
  }

  private boolean deliver() {
    if (delivered.size() == available) {
      return false;
    }
    delivered.add(delivered.size());
    reader.accept(delivered.size());
    return true;
  }
}
