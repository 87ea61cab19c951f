package dev.refrain;

import dev.refrain.config.Config;
import dev.refrain.config.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Where the configuration comes from.
 *
 * @param path the operator's file, if there is one
 * @param env environment variables by name
 */
public record ConfigFile(Optional<Path> path, Map<String, String> env) {
  /** What the file is that nobody can read. */
  private static final byte[] NOTHING = {};

  /** As given, else as the environment names it. */
  static ConfigFile of(Optional<Path> given, Map<String, String> env) {
    return new ConfigFile(ConfigLoader.path(given, env), env);
  }

  /** What it says now. Blocks; throws a {@code ConfigError} if that is no configuration. */
  Config load() {
    return ConfigLoader.load(path, env);
  }

  /** What tells one content from another. Blocks. */
  int look() {
    try {
      return Arrays.hashCode(path.isPresent() ? Files.readAllBytes(path.get()) : NOTHING);
    } catch (IOException unreadable) {
      return Arrays.hashCode(NOTHING);
    }
  }
}
