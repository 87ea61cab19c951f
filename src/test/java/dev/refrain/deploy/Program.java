package dev.refrain.deploy;

import dev.refrain.DrainTime;
import dev.refrain.config.Config;
import dev.refrain.config.ConfigLoader;
import dev.refrain.testing.Proxy;
import io.fabric8.kubernetes.api.model.EnvVar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The program that is deployed, as far as manifests speak of it. */
final class Program implements AutoCloseable {
  /** The variables it reads. */
  static final Set<String> VARIABLES =
      Pattern.compile("REFRAIN_\\w+")
          .matcher(Docs.read("conf/refrain.yaml") + Docs.read("bin/refrain"))
          .results()
          .map(MatchResult::group)
          .collect(Collectors.toSet());

  private static final String ANY = "a-word";
  private static final Map<Given, Config> CONFIGS = new ConcurrentHashMap<>();

  private final Proxy proxy = Proxy.with("upstreams: [{url: \"http://127.0.0.1:1\"}]");
  private final Map<String, Integer> statuses = new ConcurrentHashMap<>();

  /** What the management port answers a GET of this path. */
  int status(String path) {
    return statuses.computeIfAbsent(path, unknown -> proxy.manage(unknown).statusCode());
  }

  /** How long it may take to end beside what its configuration says, in seconds. */
  int drainSeconds() {
    return DrainTime.SECONDS;
  }

  /** What it makes of the file and the variables it is given there; secrets are any word. */
  static Config config(Rollout rollout) {
    Map<String, String> env = new HashMap<>();
    for (EnvVar variable : rollout.container().getEnv()) {
      env.put(variable.getName(), variable.getValue() == null ? ANY : variable.getValue());
    }
    return CONFIGS.computeIfAbsent(new Given(rollout.configFile().getValue(), env), Given::load);
  }

  /** What is read anew for each of many mutations is mostly the same. */
  private record Given(String text, Map<String, String> env) {
    Config load() {
      try {
        Path file = Files.createTempFile("refrain", ".yaml");
        try {
          return ConfigLoader.load(Optional.of(Files.writeString(file, text)), env);
        } finally {
          Files.delete(file);
        }
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }
  }

  @Override
  public void close() {
    proxy.close();
  }
}
