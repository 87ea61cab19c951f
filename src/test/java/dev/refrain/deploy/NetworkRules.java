package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.config.Config;
import dev.refrain.config.UpstreamConfig;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Who reaches whom. */
final class NetworkRules {
  private static final String NAMESPACE_LABEL = "kubernetes.io/metadata.name";

  private NetworkRules() {}

  static List<Rule> all() {
    return List.of(
        new Rule("a service leads to a port of pods there are", NetworkRules::services),
        new Rule("the public service leads to the API alone", NetworkRules::publicService),
        new Rule("everybody reaches the API, and Prometheus the metrics", NetworkRules::incoming),
        new Rule("a policy is about pods there are", NetworkRules::policies),
        new Rule("names are resolved", NetworkRules::names),
        new Rule("upstreams are reached, and the cloud's metadata is not", NetworkRules::upstreams),
        new Rule("Redis is reached", NetworkRules::redis),
        new Rule("a route leads to the service, and does not give up", NetworkRules::route));
  }

  private static void services(Rollout rollout) {
    for (Service service : rollout.all(Service.class)) {
      Deployment target = rollout.selected(service.getSpec().getSelector());
      assertThat(service.getSpec().getPorts()).hasSize(1);
      ServicePort port = service.getSpec().getPorts().get(0);
      String name = port.getTargetPort().getStrVal();
      assertThat(port.getName()).isEqualTo(name);
      int number = Rollout.port(target, name);
      assertThat(port.getPort()).isEqualTo(name.equals("http") ? 80 : number);
    }
  }

  private static void publicService(Rollout rollout) {
    Service service = rollout.the(Service.class, Rollout.NAME);
    assertThat(service.getSpec().getPorts().get(0).getName()).isEqualTo("http");
    assertThat(service.getSpec().getType()).isNull();
    Service management = rollout.the(Service.class, Rollout.NAME + "-management");
    assertThat(management.getSpec().getClusterIP()).as("each pod by itself").isEqualTo("None");
  }

  private static void incoming(Rollout rollout) {
    List<NetworkPolicyIngressRule> rules =
        rollout.the(NetworkPolicy.class, Rollout.NAME).getSpec().getIngress();
    assertThat(rules).hasSize(2);
    assertThat(rules.get(0).getFrom()).isEmpty();
    assertThat(port(rules.get(0))).isEqualTo("http");
    assertThat(rules.get(1).getFrom()).hasSize(1);
    assertThat(rules.get(1).getFrom().get(0).getNamespaceSelector().getMatchLabels())
        .isEqualTo(Map.of(NAMESPACE_LABEL, "monitoring"));
    assertThat(port(rules.get(1))).isEqualTo("management");
  }

  static String port(NetworkPolicyIngressRule rule) {
    assertThat(rule.getPorts()).hasSize(1);
    NetworkPolicyPort port = rule.getPorts().get(0);
    assertThat(port.getProtocol()).isEqualTo("TCP");
    return port.getPort().getStrVal();
  }

  private static void policies(Rollout rollout) {
    List<NetworkPolicy> policies = rollout.all(NetworkPolicy.class);
    assertThat(policies).hasSizeGreaterThanOrEqualTo(2);
    for (NetworkPolicy policy : policies) {
      Deployment target = rollout.selected(policy.getSpec().getPodSelector().getMatchLabels());
      assertThat(policy.getMetadata().getName()).startsWith(target.getMetadata().getName());
      boolean first = target.getMetadata().getName().equals(policy.getMetadata().getName());
      assertThat(policy.getSpec().getPolicyTypes())
          .isEqualTo(first ? List.of("Ingress", "Egress") : List.of("Egress"));
    }
    assertThat(policies.stream().map(policy -> policy.getMetadata().getName()))
        .contains(Rollout.NAME, Rollout.NAME + "-redis");
  }

  private static void names(Rollout rollout) {
    NetworkPolicyEgressRule rule = egress(rollout, Rollout.NAME).get(0);
    assertThat(rule.getTo()).hasSize(1);
    assertThat(rule.getTo().get(0).getNamespaceSelector().getMatchLabels())
        .isEqualTo(Map.of(NAMESPACE_LABEL, "kube-system"));
    assertThat(ports(rule)).containsExactly("UDP 53", "TCP 53");
  }

  private static void upstreams(Rollout rollout) {
    NetworkPolicyEgressRule rule = egress(rollout, Rollout.NAME).get(1);
    assertThat(rule.getTo()).hasSize(2);
    IPBlock four = rule.getTo().get(0).getIpBlock();
    IPBlock six = rule.getTo().get(1).getIpBlock();
    assertThat(four.getCidr()).isEqualTo("0.0.0.0/0");
    assertThat(four.getExcept())
        .containsExactly(
            "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16");
    assertThat(six.getCidr()).isEqualTo("::/0");
    assertThat(six.getExcept()).containsExactly("fc00::/7", "fe80::/10");
    for (UpstreamConfig upstream : Program.config(rollout).upstreams()) {
      assertThat(ports(rule)).containsExactly("TCP " + port(upstream.url(), 443));
    }
  }

  private static void redis(Rollout rollout) {
    List<NetworkPolicyEgressRule> rules = egress(rollout, Rollout.NAME + "-redis");
    assertThat(rules).hasSize(1);
    NetworkPolicyEgressRule rule = rules.get(0);
    List<String> asked = new ArrayList<>();
    Config config = Program.config(rollout);
    redisUrls(config).forEach(url -> asked.add("TCP " + port(url, 6379)));
    if (rollout.isProd()) {
      // Those the sentinels name.
      asked.add("TCP 6379");
      assertThat(rule.getTo().get(0).getIpBlock().getCidr()).isEqualTo("10.0.0.0/8");
      assertThat(config.cache().redis().tls()).isTrue();
    } else {
      rollout.selected(rule.getTo().get(0).getPodSelector().getMatchLabels());
    }
    assertThat(ports(rule)).containsExactlyElementsOf(asked.stream().distinct().toList());
  }

  private static Stream<URI> redisUrls(Config config) {
    String url = config.cache().redis().url().value();
    List<String> urls = url.isEmpty() ? config.cache().redis().nodes() : List.of(url);
    return urls.stream().map(URI::create);
  }

  private static int port(URI url, int usual) {
    return url.getPort() < 0 ? usual : url.getPort();
  }

  private static List<NetworkPolicyEgressRule> egress(Rollout rollout, String name) {
    return rollout.the(NetworkPolicy.class, name).getSpec().getEgress();
  }

  private static List<String> ports(NetworkPolicyEgressRule rule) {
    return rule.getPorts().stream()
        .map(port -> port.getProtocol() + " " + port.getPort().getIntVal())
        .toList();
  }

  private static void route(Rollout rollout) {
    List<GenericKubernetesResource> routes = rollout.all(GenericKubernetesResource.class);
    assertThat(routes).hasSize(rollout.isProd() ? 1 : 0);
    for (GenericKubernetesResource route : routes) {
      Service service = rollout.the(Service.class, Rollout.NAME);
      int port = service.getSpec().getPorts().get(0).getPort();
      Map<String, Object> rule =
          Map.of(
              "matches",
              List.of(Map.of("path", Map.of("type", "PathPrefix", "value", "/"))),
              // Zero is none: Refrain's own end what lasts too long.
              "timeouts",
              Map.of("request", "0s", "backendRequest", "0s"),
              "backendRefs",
              List.of(Map.of("name", Rollout.NAME, "port", port)));
      Map<String, Object> gateway =
          Map.of("name", "public", "namespace", "gateway", "sectionName", "https");
      assertThat(route.getApiVersion()).isEqualTo("gateway.networking.k8s.io/v1");
      assertThat(route.getMetadata().getName()).isEqualTo(Rollout.NAME);
      assertThat(route.getMetadata().getNamespace()).isEqualTo(Rollout.NAME);
      assertThat(route.getAdditionalProperties())
          .isEqualTo(
              Map.of(
                  "spec",
                  Map.of(
                      "parentRefs", List.of(gateway),
                      "hostnames", List.of("refrain.example.com"),
                      "rules", List.of(rule))));
    }
  }
}
