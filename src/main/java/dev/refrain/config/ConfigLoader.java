package dev.refrain.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.refrain.config.ValueOrigins.KeyLocations;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a {@link Config} of three layers: the reference file in the jar, the operator's file over
 * it, the environment over both. Every error is a {@link ConfigError} of one line.
 */
public final class ConfigLoader {
  private static final String REFERENCE = "refrain.yaml";
  private static final String NO_FILE = "environment";
  private static final String NO_UPSTREAM =
      "no upstream (expected: serve --upstream URL, REFRAIN_UPSTREAM_URL=URL, or --config FILE with"
          + " upstreams)";

  private ConfigLoader() {}

  /**
   * The configuration of a process.
   *
   * @param file the operator's file, else that of {@code REFRAIN_CONFIG}, else none
   * @param env environment variables by name
   * @throws ConfigError if there is no valid one
   */
  public static Config load(Optional<Path> file, Map<String, String> env) {
    Optional<Path> path = path(file, env);
    String origin = path.map(Path::toString).orElse(NO_FILE);
    return resolve(path.map(ConfigLoader::text).orElse(""), env, origin);
  }

  /**
   * The files that a file of this text names, and that are read with it: those of secrets. None if
   * it is not valid.
   */
  public static List<Path> beside(String yaml) {
    try {
      return KeySecrets.files(Yaml.read(yaml, NO_FILE));
    } catch (ConfigError | InvalidPathException invalid) {
      return List.of();
    }
  }

  /** The file that is read: as given, else that of {@code REFRAIN_CONFIG}, else none. */
  public static Optional<Path> path(Optional<Path> given, Map<String, String> env) {
    return given.or(() -> EnvironmentOverrides.get(env, EnvironmentOverrides.CONFIG).map(Path::of));
  }

  /**
   * The configuration this YAML text gives, whatever the environment says.
   *
   * @throws ConfigError if it is not a valid one
   */
  public static Config parse(String yaml) {
    return resolve(yaml, Map.of(), "text");
  }

  /** The environment with these options over it; null is an option that was not given. */
  public static Map<String, String> withOptions(
      Map<String, String> env, String upstream, String port) {
    Map<String, String> all = new HashMap<>(env);
    all.put(EnvironmentOverrides.UPSTREAM_OPTION, upstream);
    all.put(EnvironmentOverrides.PORT_OPTION, port);
    return all;
  }

  private static Config resolve(String yaml, Map<String, String> env, String origin) {
    ObjectNode user = Yaml.read(yaml, origin);
    ValueOrigins valueOrigins = new ValueOrigins(origin, KeyLocations.in(yaml));
    ObjectNode reference = Reference.TREE.deepCopy();
    new KnownKeys(valueOrigins).check(user, reference);
    new EnvironmentOverrides(env, valueOrigins).over(user);
    if (origin.equals(NO_FILE) && !user.has("upstreams")) {
      throw new ConfigError(NO_UPSTREAM);
    }
    ObjectNode tree = over(reference, user);
    new KeySecrets(env, valueOrigins).digest(tree);
    try {
      return Yaml.MAPPER.treeToValue(tree, Config.class);
    } catch (JacksonException problem) {
      throw new BindingErrors(tree, valueOrigins).of(problem);
    }
  }

  private static ObjectNode over(ObjectNode tree, ObjectNode user) {
    ObjectNode template = (ObjectNode) tree.withArray("upstreams").get(0);
    // The reference's url is an example, not a default: no request is sent to a server that was
    // not configured.
    template.putNull("url");
    tree.putArray("upstreams");
    // Nor is the reference's price a default: a price must state all of its values.
    ObjectNode price = (ObjectNode) prices(tree).remove(0);
    price.properties().forEach(entry -> entry.setValue(NullNode.instance));
    // Nor is its key; a copy of it without changes is ignored.
    ObjectNode example = (ObjectNode) ((ArrayNode) tree.get("keys")).remove(0);
    ObjectNode key = example.deepCopy().putNull("name");
    ArrayNode ruleExamples = (ArrayNode) tree.at("/cache/rules");
    ObjectNode ruleExample = (ObjectNode) ruleExamples.remove(0);
    ObjectNode rule = ruleExample.deepCopy();
    ConfigTree.clear(rule, "when");
    ConfigTree.merge(tree, user);
    if (tree.get("keys") instanceof ArrayNode keys) {
      keys.removeIf(example::equals);
      ConfigTree.mergeElements(keys, key);
    }
    if (tree.get("upstreams") instanceof ArrayNode upstreams) {
      ConfigTree.mergeElements(upstreams, template);
    }
    if (tree.at("/cache/rules") instanceof ArrayNode rules) {
      rules.removeIf(ruleExample::equals);
      ConfigTree.mergeElements(rules, rule);
    }
    if (tree.at("/metrics/prices") instanceof ArrayNode prices) {
      ConfigTree.mergeElements(prices, price);
    }
    return tree;
  }

  private static ArrayNode prices(ObjectNode tree) {
    return (ArrayNode) tree.at("/metrics/prices");
  }

  /** The tree of the reference file, which is read once. Not to be changed. */
  private static final class Reference {
    static final ObjectNode TREE = Yaml.read(reference(), REFERENCE);
  }

  /** The reference file as it is packaged. */
  static String reference() {
    try (InputStream in = ConfigLoader.class.getResourceAsStream(REFERENCE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new ConfigError(file + ": " + reason(unreadable));
    }
  }

  private static String reason(IOException unreadable) {
    if (unreadable instanceof NoSuchFileException) {
      return "no such file";
    }
    if (unreadable instanceof AccessDeniedException) {
      return "not readable";
    }
    return unreadable instanceof CharacterCodingException
        ? "not UTF-8"
        : String.valueOf(unreadable.getMessage());
  }
}
