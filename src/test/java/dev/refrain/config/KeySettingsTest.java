package dev.refrain.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.refrain.keys.KeySettings;
import dev.refrain.keys.KeySettings.KeySecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeySettingsTest {
  private static final String UPSTREAM = "upstreams: [{url: 'http://a'}]\n";
  private static final String SECRET = "0123456789abcdef";
  // printf %s 0123456789abcdef | sha256sum
  private static final String SHA256 =
      "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f";

  @TempDir private Path folder;

  @Test
  void thereAreNoneUnlessTheyAreGiven() {
    assertThat(ConfigLoader.parse(UPSTREAM).keys()).isEmpty();
    assertThat(ConfigLoader.parse(UPSTREAM + "keys:").keys()).isEmpty();
    assertThat(ConfigLoader.parse(UPSTREAM + "keys: []").keys()).isEmpty();
  }

  @Test
  void theOneOfTheReferenceIsNoKey() {
    assertThat(ConfigLoader.parse(ConfigLoader.reference()).keys()).isEmpty();
  }

  @Test
  void whatIsLeftOutIsNoLimitAndATenantOfItsOwn() {
    assertThat(keys("{name: search, secret: " + SECRET + "}"))
        .containsExactly(
            new KeySettings(
                "search", new KeySecret("", "", SHA256), "search", List.of(), 0, 0, 0, 0, null));
  }

  @Test
  void aKeyHasWhatItIsGivenAndNothingOfItsNeighbour() {
    List<KeySettings> keys =
        keys(
            "{name: a, secret: a%1$s, tenant: t, models: ['m-*'], requestsPerMinute: 3, tokensPerMinute: 4},"
                    .formatted(SECRET)
                + "{name: b, secret: b%s}".formatted(SECRET));
    assertThat(keys).extracting(KeySettings::tenant).containsExactly("t", "b");
    assertThat(keys).extracting(KeySettings::models).containsExactly(List.of("m-*"), List.of());
    assertThat(keys).extracting(KeySettings::requestsPerMinute).containsExactly(3, 0);
    assertThat(keys).extracting(KeySettings::tokensPerMinute).containsExactly(4, 0);
  }

  @Test
  void whereverASecretLiesOnlyItsDigestIsKept() throws IOException {
    Path file = Files.writeString(folder.resolve("secret"), "\n " + SECRET + "\n");
    for (String secret :
        List.of(
            SECRET,
            "{env: THE_KEY}",
            "{file: '" + file + "'}",
            "{sha256: " + SHA256 + "}",
            "{sha256: " + SHA256.toUpperCase(java.util.Locale.ROOT) + "}")) {
      Config config = load("{name: a, secret: " + secret + "}", Map.of("THE_KEY", SECRET));
      assertThat(config.keys().get(0).secret().sha256()).as(secret).isEqualTo(SHA256);
      assertThat(config.toString()).as(secret).doesNotContain(SECRET, SHA256);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{env: THE_KEY}", "{env: OTHER}"})
  void aVariableThatIsNotSetOrEmptyIsNoSecret(String secret) {
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(() -> load("{name: a, secret: " + secret + "}", Map.of("THE_KEY", "")))
        .withMessageMatching(
            ".*my.yaml:2: keys\\[0].secret.env: (THE_KEY|OTHER) \\(expected: a variable that is"
                + " set, and not empty\\)");
  }

  @Test
  void aFileThatIsNotThereOrEmptyIsNoSecret() throws IOException {
    Path absent = folder.resolve("absent");
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(() -> keys("{name: a, secret: {file: '" + absent + "'}}"))
        .withMessageContaining("keys[0].secret.file: " + absent)
        .withMessageContaining("(expected: a file that can be read, of UTF-8)");
    Path empty = Files.writeString(folder.resolve("empty"), "\n");
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(() -> keys("{name: a, secret: {file: '" + empty + "'}}"))
        .withMessageContaining("keys[0].secret.file: *** (expected: at least 16 characters");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name: A, secret: S | .name: A (expected: 1 to 40 of a to z, 0 to 9 and '-')",
        "secret: S | .name: nothing (expected: 1 to 40 of a to z, 0 to 9 and '-')",
        "name: a, secret: S, tenant: 't t' | .tenant: t t (expected: 1 to 40 of a to z, 0 to 9 and"
            + " '-'; or empty, which is the name)",
        "name: a | .secret: nothing (expected: the secret as text, or one of env, file and sha256"
            + " to say where it is)",
        "name: a, secret: '' | .secret: nothing (expected: the secret as text, or one of env, file"
            + " and sha256 to say where it is)",
        "name: a, secret: 1234567890123456 | .secret: *** (expected: the secret as text, or one"
            + " of env, file and sha256 to say where it is)",
        "name: a, secret: {env: E, file: F} | .secret: several (expected: the secret as text, or"
            + " one of env, file and sha256 to say where it is)",
        "name: a, secret: {env: 5} | .secret.env: *** (expected: text, in quotes if it looks like a"
            + " number)",
        "name: a, secret: {sha: S} | .secret.sha: unknown key (expected: one of env, file, sha256)",
        "name: a, secret: {sha256: S} | .secret.sha256: *** (expected: 64 hexadecimal digits)",
        "name: a, secret: guessed | .secret: *** (expected: at least 16 characters of printable"
            + " ASCII without spaces)",
        "name: a, secret: '0123456789 abcdef' | .secret: *** (expected: at least 16 characters of"
            + " printable ASCII without spaces)",
        "name: a, secret: S, requestsPerMinute: -1 | .requestsPerMinute: -1 (expected: a whole"
            + " number from 0 to 1000000000)",
        "name: a, secret: S, tokensPerMinute: many | .tokensPerMinute: many (expected: a whole"
            + " number)",
        "name: a, secret: S, budget: {day: -1} | .budget.day: -1 (expected: a number from 0 to"
            + " 1000000000)",
        "name: a, secret: S, budget: {day: 5} | .budget: a section (expected: none without"
            + " metrics.prices, by which money is counted)",
        "name: a, secret: S, models: [''] | .models[0]: empty (expected: text that is not empty)",
        "name: a, secret: S, model: x | .model: unknown key (expected: one of name, secret, tenant,"
            + " models, requestsPerMinute, tokensPerMinute, concurrency, tenantConcurrency, budget;"
            + " did you mean models?)",
      })
  void aKeyThatIsNoneIsRefusedInOneLineWithoutItsSecret(String key, String line) {
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(() -> keys("{" + key.replace(": S", ": " + SECRET) + "}"))
        .satisfies(error -> assertThat(error.getMessage()).endsWith("keys[0]" + line));
  }

  @Test
  void twoKeysOfOneNameOrOneSecretAreRefusedAndBothAreNamed() {
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(() -> keys("{name: a, secret: x%1$s}, {name: a, secret: y%1$s}"))
        .withMessageEndingWith("keys[1].name: a (expected: a name of its own; keys[0] has it)");
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(
            () -> keys("{name: a, secret: %s}, {name: b, secret: {sha256: %s}}", SECRET, SHA256))
        .withMessageEndingWith("keys[1].secret: *** (expected: another one for b than for a)");
  }

  @Test
  void whatChangesIsToldByItsKeyAndTakenUp() {
    Config before = ConfigLoader.parse(yaml("{name: a, secret: " + SECRET + "}"));
    Config after =
        ConfigLoader.parse(yaml("{name: a, secret: x" + SECRET + ", requestsPerMinute: 3}"));

    ConfigChange configChange = ConfigChange.of(before, after);

    assertThat(configChange.changed())
        .containsExactly("keys[0].secret.sha256", "keys[0].requestsPerMinute");
    assertThat(configChange.pending()).isEmpty();
    assertThat(configChange.config().keys()).isEqualTo(after.keys());
  }

  private static List<KeySettings> keys(String keys, Object... secrets) {
    return ConfigLoader.parse(yaml(keys.formatted(secrets.length == 0 ? all() : secrets))).keys();
  }

  private static Object[] all() {
    return new Object[] {SECRET};
  }

  private static String yaml(String keys) {
    return UPSTREAM + "keys: [" + keys + "]";
  }

  private Config load(String key, Map<String, String> env) throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), yaml(key));
    return ConfigLoader.load(Optional.of(file), env);
  }
}
