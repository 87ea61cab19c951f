package dev.refrain.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CancellationTest {
  @Test
  void anActionThatThrowsDoesNotKeepTheOthersFromLettingGo() {
    Cancellation cancellation = new Cancellation();
    List<String> done = new ArrayList<>();
    cancellation.onCancel(() -> done.add("first"));
    cancellation.onCancel(
        () -> {
          throw new IllegalStateException("a defect");
        });
    cancellation.onCancel(() -> done.add("last"));
    assertThatThrownBy(cancellation::cancel).hasMessage("a defect");
    assertThat(done).containsExactly("first", "last");
    cancellation.cancel();
    assertThat(done).hasSize(2);
  }
}
