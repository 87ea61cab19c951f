package dev.refrain.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

class DeliveryTest {
  private final List<Integer> delivered = new ArrayList<>();
  private final Delivery delivery = new Delivery(this::deliver, this::fail);
  private IntConsumer reader = number -> {};
  private int available;
  private Failure failure;

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

  @Test
  void whatAReaderThrowsEndsTheDeliveryAndNothingFollows() {
    available = 3;
    reader = number -> throwAt(number, new IllegalStateException("at " + number));
    assertThat(delivery.advance()).isTrue();
    assertThat(delivered).containsExactly(0, 1);
    assertThat(failure.kind()).isEqualTo(Failure.Kind.INTERNAL);
    assertThat(failure.getCause()).hasMessage("at 2");
    assertThat(delivery.advance()).as("no call goes on further up the stack").isTrue();
    assertThat(delivered).containsExactly(0, 1);
  }

  @Test
  void anErrorEndsTheDeliveryAndGoesOn() {
    available = 3;
    reader = number -> throwAt(number, new AssertionError("at " + number));
    assertThatThrownBy(delivery::advance).hasMessage("at 2");
    assertThat(failure.getCause()).hasMessage("at 2");
    assertThat(delivery.advance()).isTrue();
  }

  @Test
  void whatIsThrownAtTheEndDoesNotReachTheCaller() {
    available = 3;
    failure = Failure.of(Failure.Kind.INTERNAL, "it has ended before");
    reader = number -> throwAt(number, new IllegalStateException("at the end"));
    assertThat(delivery.advance()).isTrue();
    assertThat(failure).hasMessage("it has ended before");
  }

  private static void throwAt(int number, RuntimeException what) {
    if (number == 2) {
      throw what;
    }
  }

  private static void throwAt(int number, Error what) {
    if (number == 2) {
      throw what;
    }
  }

  private boolean fail(Failure defect) {
    available = delivered.size();
    if (failure != null) {
      return false;
    }
    failure = defect;
    return true;
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
