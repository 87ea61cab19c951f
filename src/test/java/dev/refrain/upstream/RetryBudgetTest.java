package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  @Test
  void itBeginsWithItsReserveAndThenEveryFifthRequestEarnsARetry() {
    RetryBudget budget = new RetryBudget(0.2, 2);
    assertThat(budget.withdraw()).isTrue();
    assertThat(budget.withdraw()).isTrue();
    assertThat(budget.withdraw()).isFalse();
    for (int i = 0; i < 4; i++) {
      budget.deposit();
      assertThat(budget.withdraw()).isFalse();
    }
    budget.deposit();
    assertThat(budget.withdraw()).isTrue();
    assertThat(budget.withdraw()).isFalse();
  }

  @Test
  void goodTimesSaveUpNoMoreThanTheReserve() {
    RetryBudget budget = new RetryBudget(0.5, 3);
    for (int i = 0; i < 1000; i++) {
      budget.deposit();
    }
    int retries = 0;
    while (budget.withdraw()) {
      retries++;
    }
    assertThat(retries).isEqualTo(3);
  }

  @Test
  void withoutAReserveTheShareIsAll() {
    RetryBudget budget = new RetryBudget(1, 0);
    assertThat(budget.withdraw()).isFalse();
    budget.deposit();
    assertThat(budget.withdraw()).isTrue();
  }

  @Test
  void howeverItGoesRetriesAreNeverMoreThanTheReserveAndTheShare() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      int reserve = random.nextInt(20);
      RetryBudget budget = new RetryBudget(0.2, reserve);
      int requests = 0;
      int retries = 0;
      for (int i = 0; i < 2000; i++) {
        if (random.nextInt(10) < seed % 10) {
          budget.deposit();
          requests++;
        } else if (budget.withdraw()) {
          retries++;
        }
        assertThat((double) retries).isLessThanOrEqualTo(reserve + 0.2 * requests);
      }
    }
  }

  @Test
  void threadsNeverTakeOutMoreThanThereIs() throws Exception {
    for (int round = 0; round < 200; round++) {
      RetryBudget budget = new RetryBudget(0, 2);
      assertThat(Together.count(4, budget::withdraw)).isEqualTo(2);
    }
  }
}
