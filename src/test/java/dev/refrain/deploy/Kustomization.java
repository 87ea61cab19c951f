package dev.refrain.deploy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A {@code kustomization.yaml}: the part of kustomize that {@code k8s/} uses, and no more. A key
 * that is not here fails, so that nothing is silently left out. The suffixes of generated names are
 * not made.
 */
record Kustomization(
    String apiVersion,
    String kind,
    String namespace,
    List<String> resources,
    List<Generator> configMapGenerator,
    List<Patch> patches,
    List<Replacement> replacements,
    List<Image> images) {
  private static final String LOCAL = "/metadata/annotations/config.kubernetes.io~1local-config";
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** Lists that are left out are empty. */
  Kustomization {
    configMapGenerator = configMapGenerator == null ? List.of() : configMapGenerator;
    patches = patches == null ? List.of() : patches;
    replacements = replacements == null ? List.of() : replacements;
    images = images == null ? List.of() : images;
  }

  /** Makes a ConfigMap of files, or puts them into one from below. */
  record Generator(String name, String behavior, List<String> files, Options options) {}

  /** Of a generated ConfigMap. */
  record Options(boolean disableNameSuffixHash, Map<String, String> labels) {}

  /** A strategic merge patch. */
  record Patch(String path) {}

  /** Puts a value of one manifest into others. */
  record Replacement(Origin source, List<Target> targets) {}

  /** Where the value is. */
  record Origin(String kind, String name, String fieldPath) {}

  /** Where it goes. */
  record Target(Selector select, List<String> fieldPaths, Part options) {}

  /** All of a kind. */
  record Selector(String kind) {}

  /** The part of a text that is replaced. */
  record Part(String delimiter, int index) {}

  /** What an image is called in the end. */
  record Image(String name, String newName, String newTag) {
    String called() {
      return (newName == null ? name : newName) + ":" + newTag;
    }
  }

  /** The manifests of this folder, as they would be applied. */
  static List<ObjectNode> render(Path folder) {
    try {
      Path file = folder.resolve("kustomization.yaml");
      return YAML.readValue(file.toFile(), Kustomization.class).manifests(folder);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private List<ObjectNode> manifests(Path folder) throws IOException {
    List<ObjectNode> manifests = new ArrayList<>();
    for (String resource : resources) {
      Path path = folder.resolve(resource).normalize();
      manifests.addAll(Files.isDirectory(path) ? render(path) : documents(path));
    }
    for (Generator generator : configMapGenerator) {
      generate(generator, folder, manifests);
    }
    for (Patch patch : patches) {
      for (ObjectNode document : documents(folder.resolve(patch.path()))) {
        apply(document, manifests);
      }
    }
    replacements.forEach(replacement -> replace(replacement, manifests));
    manifests.removeIf(manifest -> manifest.at(LOCAL).asText().equals("true"));
    manifests.forEach(this::settle);
    return manifests;
  }

  private static void replace(Replacement replacement, List<ObjectNode> manifests) {
    Origin source = replacement.source();
    String value =
        manifests.stream()
            .filter(each -> identity(each).equals(source.kind() + "/" + source.name()))
            .map(each -> each.at("/" + source.fieldPath().replace('.', '/')).asText())
            .findFirst()
            .orElseThrow(() -> new AssertionError("nothing to take from: " + source));
    for (Target target : replacement.targets()) {
      for (ObjectNode manifest : manifests) {
        if (manifest.path("kind").asText().equals(target.select().kind())) {
          target
              .fieldPaths()
              .forEach(path -> set(manifest, List.of(path.split("\\.")), target.options(), value));
        }
      }
    }
  }

  private static void set(JsonNode node, List<String> path, Part part, String value) {
    String key = path.get(0);
    List<String> below = path.subList(1, path.size());
    if (key.equals("*")) {
      node.forEach(each -> set(each, below, part, value));
    } else if (!below.isEmpty()) {
      set(node.path(key), below, part, value);
    } else if (node instanceof ObjectNode section && section.has(key)) {
      String[] parts = section.get(key).asText().split(part.delimiter());
      parts[part.index()] = value;
      section.put(key, String.join(part.delimiter(), parts));
    }
  }

  private static List<ObjectNode> documents(Path file) throws IOException {
    try (MappingIterator<ObjectNode> documents =
        YAML.readerFor(ObjectNode.class).readValues(file.toFile())) {
      return documents.readAll();
    }
  }

  private static void generate(Generator generator, Path folder, List<ObjectNode> manifests)
      throws IOException {
    ObjectNode map = YAML.createObjectNode().put("apiVersion", "v1").put("kind", "ConfigMap");
    ObjectNode metadata = map.putObject("metadata").put("name", generator.name());
    if (generator.options() != null) {
      generator.options().labels().forEach(metadata.putObject("labels")::put);
    }
    ObjectNode data = map.putObject("data");
    for (String file : generator.files()) {
      data.put(file, Files.readString(folder.resolve(file)));
    }
    if ("merge".equals(generator.behavior())) {
      apply(map, manifests);
    } else {
      manifests.add(map);
    }
  }

  private static void apply(ObjectNode patch, List<ObjectNode> manifests) {
    ObjectNode target =
        manifests.stream()
            .filter(manifest -> identity(manifest).equals(identity(patch)))
            .findFirst()
            .orElseThrow(() -> new AssertionError("nothing to patch: " + identity(patch)));
    if (patch.path("$patch").asText().equals("delete")) {
      manifests.remove(target);
    } else {
      merge(target, patch);
    }
  }

  /** Kind and name. */
  static String identity(JsonNode manifest) {
    return manifest.path("kind").asText() + "/" + manifest.at("/metadata/name").asText();
  }

  private static void merge(ObjectNode target, ObjectNode patch) {
    patch
        .properties()
        .forEach(
            entry -> {
              JsonNode old = target.get(entry.getKey());
              if (old instanceof ObjectNode section
                  && entry.getValue() instanceof ObjectNode over) {
                merge(section, over);
              } else if (old instanceof ArrayNode list
                  && isNamed(old)
                  && isNamed(entry.getValue())) {
                entry.getValue().forEach(element -> mergeNamed(list, (ObjectNode) element));
              } else {
                target.set(entry.getKey(), entry.getValue());
              }
            });
  }

  private static boolean isNamed(JsonNode list) {
    return list.isArray() && list.path(0).has("name");
  }

  private static void mergeNamed(ArrayNode list, ObjectNode element) {
    for (JsonNode old : list) {
      if (old.get("name").equals(element.get("name"))) {
        merge((ObjectNode) old, element);
        return;
      }
    }
    list.add(element);
  }

  private void settle(ObjectNode manifest) {
    if (namespace != null) {
      manifest.withObject("/metadata").put("namespace", namespace);
    }
    for (JsonNode container : manifest.at("/spec/template/spec/containers")) {
      for (Image image : images) {
        if (container.path("image").asText().equals(image.name())) {
          ((ObjectNode) container).put("image", image.called());
        }
      }
    }
  }
}
