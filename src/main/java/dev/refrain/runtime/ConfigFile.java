package dev.refrain.runtime;

import dev.refrain.config.Config;
import dev.refrain.config.ConfigLoader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The source of the configuration.
 *
 * @param path the operator's file, if there is one
 * @param env environment variables by name
 * @param found the first result of {@link #look}; any other result is a change
 */
public record ConfigFile(Optional<Path> path, Map<String, String> env, String found) {
  /** No file; it never changes. */
  public static final ConfigFile NONE = of(Optional.empty(), Map.of());

  /** As given, else as the environment names it. Blocks, and is to be made before it is read. */
  public static ConfigFile of(Optional<Path> given, Map<String, String> env) {
    Optional<Path> path = ConfigLoader.path(given, env);
    return new ConfigFile(path, env, look(path));
  }

  /** Loads the configuration. Blocks; throws a {@code ConfigError} if it is not valid. */
  public Config load() {
    return ConfigLoader.load(path, env);
  }

  /** Identifies the content, including that of the files it names. Blocks. */
  String look() {
    return look(path);
  }

  private static String look(Optional<Path> path) {
    Optional<byte[]> content = path.flatMap(ConfigFile::content);
    String text = content.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("");
    Stream<Optional<byte[]>> beside = ConfigLoader.beside(text).stream().map(ConfigFile::content);
    return Stream.concat(Stream.of(content), beside)
        .map(each -> each.map(ConfigFile::digest).orElse("unreadable"))
        .collect(Collectors.joining(" "));
  }

  private static Optional<byte[]> content(Path file) {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  // The content includes secrets, so only its digest is kept.
  private static String digest(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible); // every Java platform has it
    }
  }
}
