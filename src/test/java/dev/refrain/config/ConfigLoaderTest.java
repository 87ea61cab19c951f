package dev.refrain.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.refrain.metrics.MeterSettings;
import dev.refrain.settings.Check;
import dev.refrain.settings.Secret;
import dev.refrain.settings.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
  private static final String URL = "http://127.0.0.1:9000";
  private static final String UPSTREAM = "upstreams: [{url: '" + URL + "'}]\n";

  @Test
  void anUpstreamUrlInTheEnvironmentIsAWholeConfiguration() {
    Config config = ConfigLoader.load(Optional.empty(), Map.of("REFRAIN_UPSTREAM_URL", URL));
    assertThat(config.upstreams()).hasSize(1);
    assertThat(config.upstreams().get(0).url()).hasToString(URL);
    assertThat(config.upstreams().get(0).models()).isEmpty();
    assertThat(config.server().port()).isEqualTo(8080);
    assertThat(config.management().port()).isEqualTo(9090);
    assertThat(config.cache().redis().enabled()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "url: 'redis://u:p@my_redis:6379/3'",
        "mode: cluster, nodes: ['redis://redis_1:7000', 'redis://redis_2']",
        "mode: sentinel, nodes: ['redis://redis_sentinel'], sentinel: {master: m}"
      })
  void hostsOfRedisMayHaveUnderscores(String redis) {
    Config config = ConfigLoader.parse(UPSTREAM + "cache: {redis: {" + redis + "}}");
    assertThat(config.cache().redis().enabled()).isTrue();
  }

  @Test
  void aValueLeftOutIsThatOfTheReference() {
    Config config = ConfigLoader.parse(UPSTREAM + "cache: {redis: {breaker: {failures: 7}}}");
    assertThat(config.cache().redis().breaker())
        .isEqualTo(new RedisConfig.Breaker(7, Duration.ofSeconds(1)));
    assertThat(config.cache().redis().timeout()).isEqualTo(Duration.ofMillis(25));
    assertThat(config.limits().body().bytes()).isEqualTo(32 << 20);
  }

  @Test
  void everyUpstreamIsLaidOverTheDefaultsAndNotOverItsNeighbour() {
    Config config =
        ConfigLoader.parse(
            """
            upstreams:
              - {name: a, url: 'http://a', connections: 3, models: ['a-*'], aliases: {b.1: a-1}}
              - {name: b, url: 'http://b', weight: 3}
            """);
    assertThat(config.upstreams()).extracting(UpstreamConfig::connections).containsExactly(3, 512);
    assertThat(config.upstreams().get(0).models()).containsExactly("a-*");
    assertThat(config.upstreams().get(0).aliases()).containsExactly(Map.entry("b.1", "a-1"));
    assertThat(config.upstreams().get(1).models()).isEmpty();
    assertThat(config.upstreams().get(1).aliases()).isEmpty();
    assertThat(config.upstreams()).extracting(UpstreamConfig::weight).containsExactly(1, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cache:", "cache: null", "cache: {}", "cache:\n  # ttl: 1h\n", ""})
  void aSectionWithoutKeysKeepsItsDefaults(String section) {
    assertThat(ConfigLoader.parse(UPSTREAM + section)).isEqualTo(ConfigLoader.parse(UPSTREAM));
  }

  @Test
  void theEnvironmentOverridesTheFile(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("refrain.yaml"),
            """
            server: {port: 1, host: localhost}
            management: {port: 2}
            upstreams: [{name: mine, url: 'http://file', apiKey: file-key}]
            cache: {redis: {url: 'redis://file', prefix: mine}}
            """);
    Config config =
        ConfigLoader.load(
            Optional.empty(),
            Map.of(
                "REFRAIN_CONFIG", file.toString(),
                "REFRAIN_PORT", "3",
                "REFRAIN_MANAGEMENT_PORT", "4",
                "REFRAIN_UPSTREAM_URL", "http://env",
                "REFRAIN_UPSTREAM_API_KEY", "env-key",
                "REFRAIN_REDIS_URL", "redis://env"));
    assertThat(config.server().host()).isEqualTo("localhost");
    assertThat(config.server().port()).isEqualTo(3);
    assertThat(config.management().port()).isEqualTo(4);
    assertThat(config.upstreams().get(0).name()).isEqualTo("mine");
    assertThat(config.upstreams().get(0).url()).hasToString("http://env");
    assertThat(config.upstreams().get(0).apiKey().value()).isEqualTo("env-key");
    assertThat(config.cache().redis().url().value()).isEqualTo("redis://env");
    assertThat(config.cache().redis().prefix()).isEqualTo("mine");
  }

  @Test
  void theFileOfTheCommandLineGoesBeforeThatOfTheEnvironment(@TempDir Path folder)
      throws IOException {
    Path file = Files.writeString(folder.resolve("refrain.yaml"), UPSTREAM);
    Config config = ConfigLoader.load(Optional.of(file), Map.of("REFRAIN_CONFIG", "/absent"));
    assertThat(config.upstreams().get(0).url()).hasToString(URL);
  }

  @Test
  void anEmptyVariableIsNone(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("refrain.yaml"), UPSTREAM);
    Map<String, String> empty =
        Map.of(
            "REFRAIN_CONFIG", "",
            "REFRAIN_PORT", "",
            "REFRAIN_MANAGEMENT_PORT", "",
            "REFRAIN_UPSTREAM_URL", "",
            "REFRAIN_UPSTREAM_API_KEY", "",
            "REFRAIN_REDIS_URL", "");
    assertThat(ConfigLoader.load(Optional.of(file), empty)).isEqualTo(ConfigLoader.parse(UPSTREAM));
  }

  @ParameterizedTest
  @CsvSource({
    "http://h, http://h",
    "http://h/, http://h",
    "http://h/v1, http://h",
    "http://h/v1/, http://h",
    "HTTPS://h:8443/v1//, https://h:8443",
    "http://stack_vllm:8000/v1, http://stack_vllm:8000",
    "http://h/completions/v1, http://h/completions",
    "http://h/embeddings, http://h/embeddings",
    "http://h/tenant/v1, http://h/tenant",
    "http://h/v1/v1, http://h/v1",
    "http://h/dev1, http://h/dev1",
    "http://[::1]:80/v1, http://[::1]:80",
  })
  void theBaseOfAnUpstreamHasNoVersionAndNoSlash(String written, String base) {
    Config config = ConfigLoader.parse("upstreams: [{url: '" + written + "'}]");
    assertThat(config.upstreams().get(0).url()).hasToString(base);
  }

  @ParameterizedTest
  @CsvSource({"25ms, PT0.025S", "10s, PT10S", "5m, PT5M", "24h, PT24H", "365d, PT8760H"})
  void aDurationIsANumberAndItsUnit(String written, Duration meant) {
    assertThat(ConfigLoader.parse(UPSTREAM + "cache: {ttl: " + written + "}").cache().ttl())
        .isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource({"1000, 1000", "512KiB, 524288", "32MiB, 33554432", "1GiB, 1073741824", "7B, 7"})
  void aSizeIsANumberAndItsUnit(String written, long bytes) {
    Config config = ConfigLoader.parse(UPSTREAM + "cache: {maxEntry: " + written + "}");
    assertThat(config.cache().maxEntry().bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0B", "1000B", "3KiB", "5MiB", "7GiB"})
  void aSizeIsPrintedAsItIsWritten(String written) {
    assertThat(Size.parse(written)).hasToString(written);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1ms", "1500ms", "90s", "5m", "24h", "30h", "2d"})
  void aDurationIsPrintedAsTheSameDuration(String written) {
    Duration meant = ConfigLoader.parse(UPSTREAM + "cache: {ttl: " + written + "}").cache().ttl();
    String printed = Check.written(meant);
    assertThat(ConfigLoader.parse(UPSTREAM + "cache: {ttl: " + printed + "}").cache().ttl())
        .isEqualTo(meant);
  }

  @Test
  void aLevelMayBeWrittenLarge() {
    assertThat(ConfigLoader.parse(UPSTREAM + "logging: {level: WARN}").logging().level())
        .isEqualTo(Config.Level.WARN);
    assertThat(ConfigLoader.parse(UPSTREAM + "logging: {level: off}").logging().level())
        .isEqualTo(Config.Level.OFF);
  }

  @Test
  void sentinelsAndClustersAreGivenByTheirNodes() {
    RedisConfig watched =
        redis(
            "mode: sentinel, nodes: ['rediss://a:26379', 'rediss://b'], username: u, password: p,"
                + " sentinel: {master: my_master, password: q, database: 2}");
    assertThat(watched.enabled()).isTrue();
    assertThat(watched.tls()).isTrue();
    assertThat(watched.password().value()).isEqualTo("p");
    assertThat(watched.sentinel())
        .isEqualTo(new RedisConfig.Sentinel("my_master", "", Secret.of("q"), 2));

    RedisConfig cluster = redis("mode: cluster, nodes: ['redis://a:1']");
    assertThat(cluster.enabled()).isTrue();
    assertThat(cluster.tls()).isFalse();
    assertThat(cluster.nodes()).containsExactly("redis://a:1");
  }

  @Test
  void passwordsOfServersAndSentinelsMayComeFromTheEnvironment(@TempDir Path folder)
      throws IOException {
    String keys = "mode: sentinel, nodes: ['redis://a'], sentinel: {master: m}";
    Path file =
        Files.writeString(folder.resolve("r.yaml"), UPSTREAM + "cache: {redis: {" + keys + "}}");
    Config config =
        ConfigLoader.load(
            Optional.of(file),
            Map.of("REFRAIN_REDIS_PASSWORD", "p", "REFRAIN_SENTINEL_PASSWORD", "q"));
    assertThat(config.cache().redis().password().value()).isEqualTo("p");
    assertThat(config.cache().redis().sentinel().password().value()).isEqualTo("q");
    assertThat(config.cache().redis().sentinel().master()).isEqualTo("m");
  }

  @Test
  void theTokenOfTheManagementPortMayComeFromTheEnvironmentAndIsNotRepeated() {
    Map<String, String> env =
        Map.of("REFRAIN_UPSTREAM_URL", "http://h", "REFRAIN_MANAGEMENT_TOKEN", "t-12345");
    Config config = ConfigLoader.load(Optional.empty(), env);
    assertThat(config.management().token().value()).isEqualTo("t-12345");
    assertThat(config.toString()).doesNotContain("12345");

    Map<String, String> wrong =
        Map.of("REFRAIN_UPSTREAM_URL", "http://h", "REFRAIN_MANAGEMENT_TOKEN", "two words");
    assertThatThrownBy(() -> ConfigLoader.load(Optional.empty(), wrong))
        .hasMessageContaining("REFRAIN_MANAGEMENT_TOKEN")
        .hasMessageNotContaining("words");
  }

  @Test
  void thereIsNoPriceUntilOneIsGivenAndThenAllOfIt() {
    assertThat(ConfigLoader.parse(UPSTREAM).metrics().prices()).isEmpty();
    String prices = "[{model: 'gpt-*', prompt: 1.5, completion: 2}]";
    MeterSettings metrics =
        ConfigLoader.parse(UPSTREAM + "metrics: {prices: " + prices + "}").metrics();
    assertThat(metrics.models()).isEqualTo(64);
    assertThat(metrics.prices()).containsExactly(new MeterSettings.Price("gpt-*", 1.5, 2));
  }

  private static RedisConfig redis(String keys) {
    return ConfigLoader.parse(UPSTREAM + "cache: {redis: {" + keys + "}}").cache().redis();
  }

  @Test
  void noSecretIsPrinted() {
    Config config =
        ConfigLoader.parse(
            """
            upstreams: [{url: 'http://h', apiKey: sk-12345}]
            cache: {redis: {url: 'redis://:pass-12345@h'}}
            """);
    assertThat(config.toString()).contains("***").doesNotContain("12345");
    assertThat(config.upstreams().get(0).apiKey().value()).isEqualTo("sk-12345");
    assertThat(config.cache().redis().url().value()).isEqualTo("redis://:pass-12345@h");
  }
}
