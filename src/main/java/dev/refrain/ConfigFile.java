package dev.refrain;

import dev.refrain.config.Config;
import dev.refrain.config.ConfigLoader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
 * @param found what {@link #look} said first: what is written after that is news
 */
public record ConfigFile(Optional<Path> path, Map<String, String> env, int found) {
  /** What the file is that nobody can read. */
  private static final byte[] NOTHING = {};

  /** None, so that nothing is ever new. */
  static final ConfigFile NONE = of(Optional.empty(), Map.of());

  /** As given, else as the environment names it. Blocks, and is to be made before it is read. */
  public static ConfigFile of(Optional<Path> given, Map<String, String> env) {
    Optional<Path> path = ConfigLoader.path(given, env);
    return new ConfigFile(path, env, look(path));
  }

  /** What it says now. Blocks; throws a {@code ConfigError} if that is no configuration. */
  public Config load() {
    return ConfigLoader.load(path, env);
  }

  /** What tells one content from another, that of the files it names included. Blocks. */
  int look() {
    return look(path);
  }

  private static int look(Optional<Path> path) {
    byte[] content = path.map(ConfigFile::content).orElse(NOTHING);
    int look = Arrays.hashCode(content);
    for (Path beside : ConfigLoader.beside(new String(content, StandardCharsets.UTF_8))) {
      look = 31 * look + Arrays.hashCode(content(beside));
    }
    return look;
  }

  private static byte[] content(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      return NOTHING;
    }
  }
}
