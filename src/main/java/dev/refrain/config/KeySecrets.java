package dev.refrain.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.refrain.keys.KeySettings.KeySecret;
import dev.refrain.settings.ExpectedType;
import dev.refrain.settings.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Puts the SHA-256 of each key's secret in the place of the secret, wherever that is: in the
 * configuration, in the environment, in a file. No later code sees one. Blocks.
 */
final class KeySecrets {
  /** Characters of a secret below which it could be guessed by trying. */
  private static final int SHORTEST = 16;

  private static final String TOKEN =
      "at least " + SHORTEST + " characters of printable ASCII without spaces";

  private final Map<String, String> variables;
  private final ValueOrigins valueOrigins;

  KeySecrets(Map<String, String> variables, ValueOrigins valueOrigins) {
    this.variables = variables;
    this.valueOrigins = valueOrigins;
  }

  /**
   * Digests all secrets of this tree.
   *
   * @throws ConfigError that names the key, if one is not there or could be guessed
   */
  void digest(ObjectNode tree) {
    JsonNode keys = tree.path("keys");
    for (int i = 0; i < keys.size(); i++) {
      if (keys.get(i) instanceof ObjectNode key && !key.path("secret").isMissingNode()) {
        key.set("secret", digested("keys[" + i + "].secret", key.get("secret")));
      }
    }
  }

  /** The files in which secrets of this tree are. */
  static List<Path> files(ObjectNode tree) {
    return StreamSupport.stream(tree.path("keys").spliterator(), false)
        .map(key -> key.at("/secret/file").asText(""))
        .filter(file -> !file.isEmpty())
        .map(Path::of)
        .toList();
  }

  private ObjectNode digested(String path, JsonNode secret) {
    if (secret.isTextual()) {
      return digested("", "", sha256(path, secret.textValue()));
    }
    if (!secret.isObject()) {
      throw refused(path, "***", KeySecret.EXPECTED);
    }
    String env = text(path, secret, "env");
    String file = text(path, secret, "file");
    String sha256 = text(path, secret, "sha256").toLowerCase(Locale.ROOT);
    long given = Stream.of(env, file, sha256).filter(text -> !text.isEmpty()).count();
    if (given != 1) {
      throw refused(path, given == 0 ? "nothing" : "several", KeySecret.EXPECTED);
    }
    if (!env.isEmpty()) {
      sha256 = sha256(path + ".env", variable(path + ".env", env));
    } else if (!file.isEmpty()) {
      sha256 = sha256(path + ".file", content(path + ".file", file));
    }
    return digested(env, file, sha256);
  }

  private static ObjectNode digested(String env, String file, String sha256) {
    return Yaml.MAPPER.createObjectNode().put("env", env).put("file", file).put("sha256", sha256);
  }

  private String text(String path, JsonNode secret, String key) {
    JsonNode value = secret.path(key);
    if (value.isMissingNode() || value.isNull() || value.isTextual()) {
      return value.asText("");
    }
    throw refused(path + "." + key, "***", ExpectedType.of(String.class));
  }

  private String variable(String path, String name) {
    return Optional.ofNullable(variables.get(name))
        .filter(value -> !value.isEmpty())
        .orElseThrow(() -> refused(path, shown(name), "a variable that is set, and not empty"));
  }

  // The secret itself, written in the place of a name, is none.
  private static String shown(String name) {
    return name.matches("[A-Z_][A-Z0-9_]*") ? name : "***";
  }

  private String content(String path, String file) {
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException | InvalidPathException unreadable) {
      throw refused(path, file, "a file that can be read, of UTF-8");
    }
  }

  private String sha256(String path, String secret) {
    if (secret.length() < SHORTEST || !Secret.of(secret).isToken()) {
      throw refused(path, "***", TOKEN);
    }
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible); // every Java platform has it
    }
  }

  private ConfigError refused(String path, String found, String expected) {
    return ConfigError.of(valueOrigins.of(path), path, found, expected);
  }
}
