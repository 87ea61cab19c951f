package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStrategy;
import java.util.List;
import java.util.Map;

/** Of pods, whatever runs in them. */
final class PodRules {
  static final String NAME_LABEL = "app.kubernetes.io/name";

  private PodRules() {}

  static List<Rule> all() {
    return List.of(
        new Rule("everything is in one namespace", PodRules::namespace),
        new Rule(
            "a deployment selects the pods it makes, which are named like it", PodRules::selector),
        new Rule("a pod may do nothing that it need not", PodRules::security),
        new Rule("a pod says what it needs, and gets no memory beyond it", PodRules::resources),
        new Rule("a rollout takes no pod before there is another", PodRules::strategy),
        new Rule("pods are spread over nodes and zones", PodRules::spread));
  }

  private static void namespace(Rollout rollout) {
    assertThat(rollout.objects())
        .hasSizeGreaterThan(5)
        .allSatisfy(
            object -> assertThat(object.getMetadata().getNamespace()).isEqualTo(Rollout.NAME));
  }

  private static void selector(Rollout rollout) {
    for (Deployment deployment : rollout.all(Deployment.class)) {
      assertThat(Rollout.labels(deployment))
          .isEqualTo(Map.of(NAME_LABEL, deployment.getMetadata().getName()))
          .isEqualTo(deployment.getSpec().getSelector().getMatchLabels());
      // By which patches and kubectl find it.
      assertThat(Rollout.container(deployment).getName())
          .isEqualTo(deployment.getMetadata().getName());
    }
  }

  // What Kubernetes' profile "restricted" asks for, and a little more.
  private static void security(Rollout rollout) {
    for (Deployment deployment : rollout.all(Deployment.class)) {
      PodSpec pod = Rollout.pod(deployment);
      // Services' addresses as variables would be taken for ours: REFRAIN_PORT is both.
      assertThat(pod.getEnableServiceLinks()).isFalse();
      assertThat(pod.getAutomountServiceAccountToken()).isFalse();
      PodSecurityContext context = pod.getSecurityContext();
      assertThat(context.getRunAsNonRoot()).isTrue();
      assertThat(context.getRunAsUser()).isPositive();
      assertThat(context.getRunAsGroup()).isPositive();
      assertThat(context.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
      SecurityContext own = Rollout.container(deployment).getSecurityContext();
      assertThat(own.getAllowPrivilegeEscalation()).isFalse();
      assertThat(own.getReadOnlyRootFilesystem()).isTrue();
      assertThat(own.getCapabilities().getDrop()).containsExactly("ALL");
    }
  }

  private static void resources(Rollout rollout) {
    for (Deployment deployment : rollout.all(Deployment.class)) {
      Container container = Rollout.container(deployment);
      Map<String, Quantity> requests = container.getResources().getRequests();
      Map<String, Quantity> limits = container.getResources().getLimits();
      assertThat(requests.get("cpu").getNumericalAmount()).isPositive();
      // More than was asked for is memory that the node may take back by killing.
      assertThat(bytes(requests)).isEqualTo(bytes(limits)).isGreaterThan(128 * 1024 * 1024);
    }
  }

  static long bytes(Map<String, Quantity> amounts) {
    return Quantity.getAmountInBytes(amounts.get("memory")).longValueExact();
  }

  private static void strategy(Rollout rollout) {
    DeploymentStrategy strategy = rollout.refrain().getSpec().getStrategy();
    assertThat(strategy.getType()).isEqualTo("RollingUpdate");
    assertThat(strategy.getRollingUpdate().getMaxUnavailable().getIntVal()).isZero();
    assertThat(strategy.getRollingUpdate().getMaxSurge().getIntVal()).isPositive();
    assertThat(rollout.refrain().getSpec().getReplicas()).as("the autoscaler's").isNull();
  }

  private static void spread(Rollout rollout) {
    List<TopologySpreadConstraint> constraints = rollout.pod().getTopologySpreadConstraints();
    assertThat(constraints)
        .extracting(TopologySpreadConstraint::getTopologyKey)
        .containsExactly("kubernetes.io/hostname", "topology.kubernetes.io/zone");
    for (TopologySpreadConstraint constraint : constraints) {
      assertThat(constraint.getMaxSkew()).isEqualTo(1);
      assertThat(constraint.getWhenUnsatisfiable()).isEqualTo("ScheduleAnyway");
      assertThat(constraint.getMatchLabelKeys()).containsExactly("pod-template-hash");
      assertThat(constraint.getLabelSelector().getMatchLabels())
          .isEqualTo(Rollout.labels(rollout.refrain()));
    }
  }
}
