package dev.refrain.deploy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The objects of one overlay.
 *
 * @param overlay its folder's name
 */
record Rollout(String overlay, List<? extends HasMetadata> objects) {
  static final String DEV = "dev";
  static final String PROD = "prod";
  static final String NAME = "refrain";

  private static final Path OVERLAYS = Path.of("k8s", "overlays");

  /** The manifests of an overlay, as they would be applied. */
  static List<ObjectNode> manifests(String overlay) {
    return Kustomization.render(OVERLAYS.resolve(overlay));
  }

  static Rollout of(String overlay) {
    return new Rollout(overlay, manifests(overlay).stream().map(StrictModel::read).toList());
  }

  /** The same with another object in this place. */
  Rollout with(int place, HasMetadata object) {
    List<HasMetadata> others = new ArrayList<>(objects);
    others.set(place, object);
    return new Rollout(overlay, others);
  }

  boolean isProd() {
    return overlay.equals(PROD);
  }

  <T extends HasMetadata> List<T> all(Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** The one of this kind and name. */
  <T extends HasMetadata> T the(Class<T> type, String name) {
    return all(type).stream()
        .filter(object -> name.equals(object.getMetadata().getName()))
        .reduce(
            (one, other) -> {
              throw new AssertionError("two of " + type.getSimpleName() + " " + name);
            })
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " " + name));
  }

  /** The one whose pods have exactly these labels. */
  Deployment selected(Map<String, String> labels) {
    return all(Deployment.class).stream()
        .filter(deployment -> labels.equals(labels(deployment)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no pods are " + labels));
  }

  static Map<String, String> labels(Deployment deployment) {
    return deployment.getSpec().getTemplate().getMetadata().getLabels();
  }

  static PodSpec pod(Deployment deployment) {
    return deployment.getSpec().getTemplate().getSpec();
  }

  static Container container(Deployment deployment) {
    List<Container> containers = pod(deployment).getContainers();
    if (containers.size() != 1) {
      throw new AssertionError(containers.size() + " containers (expected: one)");
    }
    return containers.get(0);
  }

  Deployment refrain() {
    return the(Deployment.class, NAME);
  }

  PodSpec pod() {
    return pod(refrain());
  }

  Container container() {
    return container(refrain());
  }

  /** The file the program reads. */
  Map.Entry<String, String> configFile() {
    Map<String, String> data = the(ConfigMap.class, NAME).getData();
    if (data.size() != 1) {
      throw new AssertionError("files of the configuration: " + data.keySet());
    }
    return data.entrySet().iterator().next();
  }

  /** The number of a container's port by its name. */
  static int port(Deployment deployment, String name) {
    return container(deployment).getPorts().stream()
        .filter(port -> name.equals(port.getName()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no port " + name))
        .getContainerPort();
  }
}
