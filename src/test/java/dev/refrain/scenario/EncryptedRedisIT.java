package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Authority;
import dev.refrain.testing.EncryptedRedis;
import dev.refrain.testing.Examples;
import dev.refrain.testing.ForkedProxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sentinels and clusters over TLS, with an authority that the platform was told of, as operators
 * do: by the virtual machine's own settings.
 */
class EncryptedRedisIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String SECRET = "changeit";

  @TempDir private Path folder;
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private Authority authority;
  private Path trusted;
  private int asked;

  @BeforeEach
  void trust() throws Exception {
    authority = new Authority(folder);
    trusted = folder.resolve("trusted.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-importcert",
                "-noprompt",
                "-file",
                authority.ca().toString(),
                "-keystore",
                trusted.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                SECRET)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor()).isZero();
  }

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  @Test
  void aMasterNamedByASentinelIsReachedOverTls() throws Exception {
    replicasShare(EncryptedRedis::behindASentinel);
  }

  @Test
  void allServersOfAClusterAreReachedOverTls() throws Exception {
    replicasShare(EncryptedRedis::cluster);
  }

  private void replicasShare(Function<Authority, EncryptedRedis> made) throws Exception {
    try (EncryptedRedis redis = made.apply(authority);
        ForkedProxy one = proxy(redis);
        ForkedProxy two = proxy(redis)) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                String prompt = "asked " + asked++;
                ask(one, prompt);
                return ask(two, prompt).contains("hit");
              });
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                ask(one, "more " + asked++);
                assertThat(redis.keys()).doesNotContain(0);
              });
    }
  }

  private ForkedProxy proxy(EncryptedRedis redis) throws IOException {
    return new ForkedProxy(
        upstream,
        "cache: {redis: {%s, timeout: 3s, connectTimeout: 5s}}".formatted(redis.configuration()),
        List.of(
            "-Xmx128m",
            "-Djavax.net.ssl.trustStore=" + trusted,
            "-Djavax.net.ssl.trustStorePassword=" + SECRET));
  }

  private static String ask(ForkedProxy proxy, String prompt) throws IOException {
    try (RawClient client = new RawClient(proxy.port())) {
      client.post(Examples.asking(prompt), "Authorization: Bearer k");
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(200);
      answer.text();
      return answer.head().first("Cache-Status").orElse("");
    }
  }
}
