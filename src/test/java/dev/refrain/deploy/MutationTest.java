package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules are enough: every field of every manifest is deleted and misspelt once, and every text
 * changed, and each time a rule must fail. That they hold as they are is {@link ManifestsTest}.
 */
class MutationTest {
  @ParameterizedTest
  @ValueSource(strings = {Rollout.DEV, Rollout.PROD})
  void nothingIsDeletedOrMisspeltUnnoticed(String overlay) {
    List<ObjectNode> manifests = Rollout.manifests(overlay);
    Rollout intact = Rollout.of(overlay);
    List<String> unnoticed = new ArrayList<>();
    int mutations = 0;
    try (Program program = new Program()) {
      List<Rule> rules = Rule.all(program);
      assertThat(isAccepted(intact, 0, manifests.get(0), rules)).isTrue();
      for (int i = 0; i < manifests.size(); i++) {
        for (Mutation mutation : Mutation.all(manifests.get(i))) {
          mutations++;
          if (isAccepted(intact, i, mutation.of(manifests.get(i)), rules)) {
            unnoticed.add(Kustomization.identity(manifests.get(i)) + " " + mutation.said());
          }
        }
      }
    }
    assertThat(unnoticed).isEmpty();
    assertThat(mutations).isGreaterThan(500);
  }

  private static boolean isAccepted(Rollout intact, int i, ObjectNode mutant, List<Rule> rules) {
    try {
      Rollout rollout = intact.with(i, StrictModel.read(mutant));
      rules.forEach(rule -> rule.holds(rollout));
      return true;
    } catch (AssertionError noticed) {
      return false;
    }
  }
}
