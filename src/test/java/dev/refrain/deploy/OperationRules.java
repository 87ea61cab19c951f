package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingPolicy;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingRules;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ResourceMetricSource;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.Endpoint;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.util.List;
import java.util.Map;

/** How many there are, and who looks at them. */
final class OperationRules {
  private final Program program;

  private OperationRules(Program program) {
    this.program = program;
  }

  static List<Rule> all(Program program) {
    OperationRules rules = new OperationRules(program);
    return List.of(
        new Rule("the autoscaler scales the deployment", OperationRules::target),
        new Rule("the autoscaler has room, and a load it can reach", OperationRules::load),
        new Rule("the autoscaler takes pods away one by one", OperationRules::scaleDown),
        new Rule("a drained node takes one pod at a time", OperationRules::budget),
        new Rule("metrics are scraped where they are", rules::monitor));
  }

  private static HorizontalPodAutoscalerSpec autoscaler(Rollout rollout) {
    return rollout.the(HorizontalPodAutoscaler.class, Rollout.NAME).getSpec();
  }

  private static void target(Rollout rollout) {
    CrossVersionObjectReference target = autoscaler(rollout).getScaleTargetRef();
    Deployment deployment = rollout.the(Deployment.class, target.getName());
    assertThat(target.getKind()).isEqualTo(deployment.getKind());
    assertThat(target.getApiVersion()).isEqualTo(deployment.getApiVersion());
    assertThat(target.getName()).isEqualTo(Rollout.NAME);
  }

  private static void load(Rollout rollout) {
    HorizontalPodAutoscalerSpec spec = autoscaler(rollout);
    assertThat(spec.getMinReplicas()).isGreaterThanOrEqualTo(rollout.isProd() ? 3 : 1);
    assertThat(spec.getMaxReplicas()).isGreaterThan(spec.getMinReplicas());
    assertThat(spec.getMetrics()).extracting(MetricSpec::getType).containsOnly("Resource");
    assertThat(spec.getMetrics())
        .extracting(metric -> metric.getResource().getName())
        .containsExactly("cpu", "memory");
    for (MetricSpec metric : spec.getMetrics()) {
      loadOf(rollout, metric.getResource());
    }
  }

  private static void loadOf(Rollout rollout, ResourceMetricSource metric) {
    assertThat(metric.getTarget().getType()).isEqualTo("Utilization");
    Quantity request = rollout.container().getResources().getRequests().get(metric.getName());
    Quantity limit = rollout.container().getResources().getLimits().get(metric.getName());
    double most =
        100
            * Quantity.getAmountInBytes(limit).doubleValue()
            / Quantity.getAmountInBytes(request).doubleValue();
    assertThat((double) metric.getTarget().getAverageUtilization()).isBetween(50.0, 0.8 * most);
  }

  private static void scaleDown(Rollout rollout) {
    HPAScalingRules down = autoscaler(rollout).getBehavior().getScaleDown();
    assertThat(down.getStabilizationWindowSeconds()).isGreaterThan(300);
    assertThat(down.getPolicies()).hasSize(1);
    HPAScalingPolicy policy = down.getPolicies().get(0);
    assertThat(policy.getType()).isEqualTo("Pods");
    assertThat(policy.getValue()).isEqualTo(1);
    assertThat((long) policy.getPeriodSeconds())
        .isGreaterThan(rollout.pod().getTerminationGracePeriodSeconds());
  }

  private static void budget(Rollout rollout) {
    var spec = rollout.the(PodDisruptionBudget.class, Rollout.NAME).getSpec();
    assertThat(spec.getMaxUnavailable().getIntVal()).isEqualTo(1);
    assertThat(spec.getUnhealthyPodEvictionPolicy()).isEqualTo("AlwaysAllow");
    assertThat(rollout.selected(spec.getSelector().getMatchLabels())).isSameAs(rollout.refrain());
  }

  private void monitor(Rollout rollout) {
    Service service = rollout.the(Service.class, Rollout.NAME + "-management");
    Map<String, String> labels = service.getMetadata().getLabels();
    assertThat(labels)
        .isEqualTo(
            Map.of(PodRules.NAME_LABEL, Rollout.NAME, "app.kubernetes.io/component", "management"));
    assertThat(rollout.all(ServiceMonitor.class)).hasSize(rollout.isProd() ? 1 : 0);
    for (ServiceMonitor monitor : rollout.all(ServiceMonitor.class)) {
      assertThat(monitor.getMetadata().getName()).isEqualTo(Rollout.NAME);
      assertThat(monitor.getSpec().getSelector().getMatchLabels()).isEqualTo(labels);
      assertThat(monitor.getSpec().getEndpoints()).hasSize(1);
      Endpoint endpoint = monitor.getSpec().getEndpoints().get(0);
      assertThat(endpoint.getPort()).isEqualTo(service.getSpec().getPorts().get(0).getName());
      assertThat(program.status(endpoint.getPath())).isEqualTo(200);
      assertThat(seconds(endpoint.getScrapeTimeout()))
          .isBetween(1, seconds(endpoint.getInterval()));
    }
  }

  private static int seconds(String duration) {
    assertThat(duration).matches("\\d+s");
    return Integer.parseInt(duration.substring(0, duration.length() - 1));
  }
}
