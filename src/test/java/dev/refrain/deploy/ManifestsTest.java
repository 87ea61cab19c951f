package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** {@code k8s/} is what Kubernetes knows, and fits the program. */
class ManifestsTest {
  private static Program program;

  @BeforeAll
  static void start() {
    program = new Program();
  }

  @AfterAll
  static void stop() {
    program.close();
  }

  @TestFactory
  Stream<DynamicTest> everyRuleHoldsInEveryOverlay() {
    return Stream.of(Rollout.DEV, Rollout.PROD)
        .map(Rollout::of)
        .flatMap(
            rollout ->
                Rule.all(program).stream()
                    .map(
                        rule ->
                            dynamicTest(
                                rollout.overlay() + ": " + rule.sentence(),
                                () -> rule.holds(rollout))));
  }

  @Test
  void aFieldThatKubernetesDoesNotKnowIsRefused() {
    ObjectNode deployment = deployment();
    deployment.withObject("/spec/template/spec").put("enableServiceLink", false);

    assertThatThrownBy(() -> StrictModel.read(deployment))
        .hasMessageContaining("enableServiceLink");
  }

  @Test
  void aValueOfAnotherTypeIsRefused() {
    ObjectNode deployment = deployment();
    deployment.withObject("/spec/template/spec").put("terminationGracePeriodSeconds", "30");
    ObjectNode number = deployment();
    number.withObject("/spec/template/spec").put("hostname", 7);

    for (ObjectNode wrong : List.of(deployment, number)) {
      assertThatThrownBy(() -> StrictModel.read(wrong)).isInstanceOf(AssertionError.class);
    }
  }

  private static ObjectNode deployment() {
    return Rollout.manifests(Rollout.DEV).stream()
        .filter(manifest -> Kustomization.identity(manifest).equals("Deployment/refrain"))
        .findFirst()
        .orElseThrow();
  }
}
