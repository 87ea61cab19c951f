package dev.refrain.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.cache.Entries;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Source;
import dev.refrain.redis.RedisLink;
import dev.refrain.redis.RedisSettings;
import dev.refrain.redis.Servers;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.TestLoop;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PfxOptions;
import io.vertx.redis.client.RedisOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rediss://}, by way of a TLS terminator before a plain Redis. */
class RedisTlsIT {
  private static final Fingerprint ONE = Entries.fingerprint(1);
  private static final String SECRET = "changeit";

  @TempDir private Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final NetClient inner = vertx.createNetClient();
  private final AtomicInteger handshakes = new AtomicInteger();
  private RedisFixture redis;
  private PfxOptions certificate;
  private SharedCacheFixture.Settings settings;

  @BeforeEach
  void start() throws Exception {
    redis = new RedisFixture();
    Path store = directory.resolve("keys.p12");
    keytool(store);
    certificate = new PfxOptions().setPath(store.toString()).setPassword(SECRET);
    NetServer outer =
        vertx.createNetServer(new NetServerOptions().setSsl(true).setKeyCertOptions(certificate));
    outer.connectHandler(this::forward);
    outer.exceptionHandler(refused -> handshakes.incrementAndGet());
    TestLoop.join(outer.listen(0, "localhost"));
    settings = patient("rediss://localhost:" + outer.actualPort());
  }

  @AfterEach
  void stop() {
    TestLoop.join(vertx.close());
    redis.close();
  }

  @Test
  void aTrustedServerIsUsed() {
    RedisOptions options = RedisLink.options(settings.link());
    options.getNetClientOptions().setTrustOptions(certificate);
    try (SharedCacheFixture sharedCacheFixture =
        new SharedCacheFixture(settings, options).awaitUp()) {
      sharedCacheFixture.store(ONE);
      assertThat(redis.keys()).isEqualTo(1);
    }
  }

  @Test
  void aServerNobodyVouchesForIsRefusedAndCostsOnlyHits() {
    try (SharedCacheFixture sharedCacheFixture =
        new SharedCacheFixture(settings, RedisLink.options(settings.link()))) {
      await().atMost(Duration.ofSeconds(60)).until(() -> handshakes.get() > 1);
      assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
      assertThat(redis.keys()).isZero();
    }
  }

  /** The first handshake of a virtual machine loads half of its cryptography. */
  private static SharedCacheFixture.Settings patient(String url) {
    Duration patience = Duration.ofSeconds(10);
    return new SharedCacheFixture.Settings(
        new RedisSettings(new Servers.Single(url), patience, 100, 3, patience),
        new SharedCacheSettings(patience, 0, "test", patience, 10_000),
        10);
  }

  private void forward(NetSocket client) {
    client.pause();
    inner
        .connect(redis.port(), "127.0.0.1")
        .onSuccess(
            server -> {
              client.pipeTo(server);
              server.pipeTo(client);
            });
  }

  private static void keytool(Path store) throws Exception {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                SECRET,
                "-alias",
                "redis",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost")
            .start();
    assertThat(keytool.waitFor()).isZero();
  }
}
