package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code k8s/examples} is what Kubernetes knows, and about the pods of the overlays. */
class ExamplesTest {
  @Test
  void thePoliciesForEnginesAndCollectorsOpenOnePortFromThePodsOfRefrain() throws IOException {
    List<String> names = new ArrayList<>();
    for (NetworkPolicy policy : policies()) {
      names.add(policy.getMetadata().getName());
      assertThat(policy.getSpec().getPodSelector().getMatchLabels())
          .isEqualTo(Map.of(PodRules.NAME_LABEL, Rollout.NAME));
      assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Egress");
      assertThat(policy.getSpec().getEgress()).hasSize(1);
      NetworkPolicyEgressRule rule = policy.getSpec().getEgress().get(0);
      assertThat(rule.getTo()).hasSize(1);
      assertThat(rule.getPorts()).hasSize(1);
      assertThat(rule.getPorts().get(0).getPort().getIntVal())
          .isEqualTo(policy.getMetadata().getName().endsWith("collector") ? 4318 : 8000);
    }
    assertThat(names)
        .containsExactly("refrain-engines", "refrain-engine-outside", "refrain-collector");
    assertThat(Docs.DEPLOY).contains("k8s/examples/egress.yaml");
  }

  private static List<NetworkPolicy> policies() throws IOException {
    Path file = Path.of("k8s/examples/egress.yaml");
    List<ObjectNode> documents =
        new YAMLMapper()
            .readerFor(ObjectNode.class)
            .<ObjectNode>readValues(file.toFile())
            .readAll();
    return documents.stream().map(StrictModel::read).map(NetworkPolicy.class::cast).toList();
  }
}
