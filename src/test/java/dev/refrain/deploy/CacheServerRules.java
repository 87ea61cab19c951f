package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import java.net.URI;
import java.util.List;

/** Of the Redis that {@code dev} brings along. */
final class CacheServerRules {
  private static final String NAME = "valkey";
  private static final String PORT = "redis";

  private CacheServerRules() {}

  static List<Rule> all() {
    return List.of(
        new Rule("dev brings a Redis, prod does not", CacheServerRules::presence),
        new Rule("it is the one the program asks", onlyDev(CacheServerRules::asked)),
        new Rule("it forgets rather than fails", onlyDev(CacheServerRules::flags)),
        new Rule("it is asked how it is", onlyDev(CacheServerRules::probe)),
        new Rule("only the program speaks to it", onlyDev(CacheServerRules::access)));
  }

  private static Rule.Check onlyDev(Rule.Check check) {
    return rollout -> {
      if (!rollout.isProd()) {
        check.of(rollout);
      }
    };
  }

  private static void presence(Rollout rollout) {
    assertThat(rollout.all(Deployment.class)).hasSize(rollout.isProd() ? 1 : 2);
    assertThat(rollout.all(Service.class)).hasSize(rollout.isProd() ? 2 : 3);
    assertThat(rollout.all(NetworkPolicy.class)).hasSize(rollout.isProd() ? 2 : 3);
  }

  private static void asked(Rollout rollout) {
    URI url = URI.create(Program.config(rollout).cache().redis().url().value());
    Service service = rollout.the(Service.class, url.getHost());
    assertThat(service.getSpec().getPorts().get(0).getPort()).isEqualTo(url.getPort());
    assertThat(rollout.selected(service.getSpec().getSelector())).isSameAs(server(rollout));
  }

  private static Deployment server(Rollout rollout) {
    return rollout.the(Deployment.class, NAME);
  }

  private static void flags(Rollout rollout) {
    assertThat(server(rollout).getSpec().getReplicas()).as("it has no other to ask").isEqualTo(1);
    Container container = Rollout.container(server(rollout));
    assertThat(container.getImage()).matches("valkey/valkey:\\d+\\.\\d+-alpine");
    List<String> args = container.getArgs();
    assertThat(args)
        .startsWith("valkey-server", "--save", "", "--appendonly", "no", "--maxmemory")
        .endsWith("--maxmemory-policy", "allkeys-lru")
        .hasSize(9);
    long most = Long.parseLong(args.get(6).replaceFirst("mb$", "")) * 1024 * 1024;
    long limit = PodRules.bytes(container.getResources().getLimits());
    assertThat(most).isLessThanOrEqualTo(limit * 3 / 4);
  }

  private static void probe(Rollout rollout) {
    var probe = Rollout.container(server(rollout)).getReadinessProbe();
    assertThat(probe.getTcpSocket().getPort().getStrVal()).isEqualTo(PORT);
    assertThat(probe.getPeriodSeconds()).isPositive();
    assertThat(Rollout.port(server(rollout), PORT)).isEqualTo(6379);
  }

  private static void access(Rollout rollout) {
    List<NetworkPolicyIngressRule> rules =
        rollout.the(NetworkPolicy.class, NAME).getSpec().getIngress();
    assertThat(rules).hasSize(1);
    assertThat(rules.get(0).getFrom()).hasSize(1);
    assertThat(rollout.selected(rules.get(0).getFrom().get(0).getPodSelector().getMatchLabels()))
        .isSameAs(rollout.refrain());
    assertThat(NetworkRules.port(rules.get(0))).isEqualTo(PORT);
  }
}
