package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.refrain.config.Config;
import dev.refrain.config.ServerConfig;
import dev.refrain.doctor.Finding.Verdict;
import dev.refrain.doctor.MemoryCheck;
import dev.refrain.doctor.MemoryCheck.Allowed;
import dev.refrain.doctor.MemoryCheck.Limits;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What manifests say of the program is so. */
final class ProgramRules {
  private static final String API_KEY = "REFRAIN_UPSTREAM_API_KEY";

  private final Program program;

  private ProgramRules(Program program) {
    this.program = program;
  }

  static List<Rule> all(Program program) {
    ProgramRules rules = new ProgramRules(program);
    return List.of(
        new Rule("the image is one that docs/guide/deploy.md makes", ProgramRules::image),
        new Rule("the program takes its configuration", ProgramRules::config),
        new Rule("it is started with the file that is mounted", ProgramRules::file),
        new Rule("it may write to /tmp, within a bound", ProgramRules::tmp),
        new Rule("it is given variables that it reads", ProgramRules::variables),
        new Rule(
            "secrets are only referred to, and docs/guide/deploy.md makes them",
            ProgramRules::secrets),
        new Rule("a port is where the program listens", ProgramRules::ports),
        new Rule("a probe asks a path that answers, at the management port", rules::probes),
        new Rule("it is given the time to start, and to be slow", rules::patience),
        new Rule("its heap has room for all that the file allows", ProgramRules::heap),
        new Rule("it has as many event loops as it is given cores", ProgramRules::cores),
        new Rule("it is not killed before it has drained", rules::drain));
  }

  private static void image(Rollout rollout) {
    String image = rollout.container().getImage();
    assertThat(image).matches("[a-z0-9./-]*\\brefrain:(?!latest)[a-z0-9.-]+");
    assertThat(Docs.DEPLOY.lines()).anyMatch(line -> line.matches(".*\\s" + image + "(\\s.*|)"));
  }

  private static void config(Rollout rollout) {
    Config config = Program.config(rollout);
    assertThat(config.upstreams()).isNotEmpty();
    assertThat(config.cache().redis().enabled()).isTrue();
  }

  private static void file(Rollout rollout) {
    Container container = rollout.container();
    VolumeMount mount = mount(container, "config");
    assertThat(mount.getReadOnly()).isTrue();
    assertThat(container.getCommand()).as("the image's own").isEmpty();
    assertThat(container.getArgs())
        .containsExactly(
            "serve", "--config", mount.getMountPath() + "/" + rollout.configFile().getKey());
    assertThat(volume(rollout.pod(), "config").getConfigMap().getName()).isEqualTo(Rollout.NAME);
  }

  // With the launcher's share of the container's memory, as `doctor` adds it up.
  private static void heap(Rollout rollout) {
    Quantity container = rollout.container().getResources().getLimits().get("memory");
    long heap = Quantity.getAmountInBytes(container).longValue() * 40 / 100;
    Config config = Program.config(rollout);
    long cache = config.cache().memory().size().bytes();
    Allowed allowed = new Allowed(cache, (heap - cache) / 2, 0, config.server().connections(), 0);
    MemoryCheck check = new MemoryCheck(allowed, new Limits(heap, 0, Long.MAX_VALUE));
    assertThat(check.make().result()).allMatch(finding -> finding.verdict() == Verdict.OK);
  }

  private static void tmp(Rollout rollout) {
    assertThat(mount(rollout.container(), "tmp").getMountPath()).isEqualTo("/tmp");
    Quantity limit = volume(rollout.pod(), "tmp").getEmptyDir().getSizeLimit();
    assertThat(Quantity.getAmountInBytes(limit)).isPositive();
  }

  private static VolumeMount mount(Container container, String name) {
    assertThat(container.getVolumeMounts()).hasSize(2);
    return container.getVolumeMounts().stream()
        .filter(mount -> name.equals(mount.getName()))
        .findFirst()
        .orElseThrow();
  }

  private static Volume volume(PodSpec pod, String name) {
    assertThat(pod.getVolumes()).hasSize(2);
    return pod.getVolumes().stream()
        .filter(volume -> name.equals(volume.getName()))
        .findFirst()
        .orElseThrow();
  }

  private static void variables(Rollout rollout) {
    List<String> names = rollout.container().getEnv().stream().map(EnvVar::getName).toList();
    assertThat(names).contains(API_KEY, "REFRAIN_MANAGEMENT_TOKEN").doesNotHaveDuplicates();
    assertThat(Program.VARIABLES).containsAll(names);
    if (rollout.isProd()) {
      assertThat(names).contains("REFRAIN_REDIS_PASSWORD", "REFRAIN_SENTINEL_PASSWORD");
    }
  }

  private static void secrets(Rollout rollout) {
    for (EnvVar variable : rollout.container().getEnv()) {
      assertThat(variable.getValue()).isNull();
      SecretKeySelector secret = variable.getValueFrom().getSecretKeyRef();
      assertThat(Docs.DEPLOY)
          .contains("create secret generic " + secret.getName() + " ")
          .contains("--from-literal=" + secret.getKey() + "=");
      String spoken = variable.getName().substring("REFRAIN_".length());
      assertThat(secret.getKey().replace('-', '_')).isEqualToIgnoringCase(spoken);
      assertThat(secret.getOptional())
          .isEqualTo(variable.getName().equals(API_KEY) ? Boolean.TRUE : null);
    }
  }

  private static void ports(Rollout rollout) {
    Config config = Program.config(rollout);
    assertThat(config.server().host()).isEqualTo("0.0.0.0");
    assertThat(config.management().host()).isEqualTo("0.0.0.0");
    assertThat(rollout.container().getPorts())
        .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
        .containsExactly(
            tuple("http", config.server().port()), tuple("management", config.management().port()));
  }

  private void probes(Rollout rollout) {
    Container container = rollout.container();
    Map<Probe, String> probes =
        Map.of(
            container.getStartupProbe(), "/health/live",
            container.getLivenessProbe(), "/health/live",
            container.getReadinessProbe(), "/health/ready");
    assertThat(probes).hasSize(3);
    probes.forEach(
        (probe, path) -> {
          assertThat(probe.getHttpGet().getPath()).isEqualTo(path);
          assertThat(program.status(path)).isEqualTo(200);
          assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("management");
        });
  }

  private void patience(Rollout rollout) {
    Container container = rollout.container();
    assertThat(seconds(container.getStartupProbe())).isGreaterThanOrEqualTo(60);
    assertThat(seconds(container.getLivenessProbe())).isGreaterThanOrEqualTo(30);
    assertThat(seconds(container.getReadinessProbe())).isLessThanOrEqualTo(10);
  }

  /** Until a probe has had enough. */
  private static int seconds(Probe probe) {
    assertThat(probe.getTimeoutSeconds()).isBetween(2, 5);
    return probe.getPeriodSeconds() * probe.getFailureThreshold();
  }

  private static void cores(Rollout rollout) {
    // Zero is one for each, and without a limit those of the node count.
    assertThat(Program.config(rollout).server().eventLoops()).isZero();
    Quantity limit = rollout.container().getResources().getLimits().get("cpu");
    assertThat(limit.getNumericalAmount().intValueExact()).isPositive();
  }

  private void drain(Rollout rollout) {
    ServerConfig.Drain drain = Program.config(rollout).server().drain();
    assertThat(drain.delay()).isGreaterThanOrEqualTo(Duration.ofSeconds(5));
    // A stream that is cut is paid for and lost.
    assertThat(drain.timeout())
        .isGreaterThanOrEqualTo(rollout.isProd() ? Duration.ofMinutes(5) : Duration.ofSeconds(30));
    assertThat(rollout.pod().getTerminationGracePeriodSeconds())
        .isGreaterThanOrEqualTo(
            drain.delay().plus(drain.timeout()).toSeconds() + program.drainSeconds());
  }
}
