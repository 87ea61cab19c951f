package dev.refrain.keys.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.inference.Observer;
import dev.refrain.inference.Tokens;
import dev.refrain.keys.Budget;
import dev.refrain.keys.Key;
import dev.refrain.keys.KeySettings;
import dev.refrain.keys.KeySettings.KeySecret;
import dev.refrain.keys.Keyring;
import dev.refrain.redis.RedisLink;
import dev.refrain.redis.RedisLog;
import dev.refrain.redis.RedisSettings;
import dev.refrain.redis.Servers;
import dev.refrain.testing.RedisFixture;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Processes that count together, over a real Redis. Of what is taken here a sixtieth a minute comes
 * back in a second, so what is left is compared with some room.
 */
@Timeout(120)
class SharedLimitsTest {
  private static final int LIMIT = 6_000;
  private static final long TAKEN = 4_000;
  private static final String ACCOUNT = "search:tokens";

  private final RedisFixture redis = new RedisFixture();
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void stop() {
    processes.forEach(Process::close);
    redis.close();
  }

  @Test
  void whatOneTakesTheOthersLackAndWhoComesLaterToo() {
    Process here = process();
    Process there = process();
    here.spend(10 * LIMIT);

    soon(() -> there.owes().compareTo(Duration.ofMinutes(9)) > 0);
    assertThat(there.owes()).isLessThanOrEqualTo(Duration.ofMinutes(10));

    Process late = process();
    soon(() -> late.owes().compareTo(Duration.ofMinutes(8)) > 0);
    assertThat(late.owes()).isLessThanOrEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void whatIsOwedComesBackToAll() {
    Process here = process();
    Process there = process();
    here.spend(LIMIT + 500); // of which a hundred come back in a second

    soon(() -> there.isDry());
    soon(() -> !there.isDry() && !here.isDry());
  }

  @Test
  void eachCountsAloneWhileRedisIsAwayAndWhatTheyTookThenIsToldLater() {
    Process here = process();
    Process there = process();
    here.spend(TAKEN); // of which all is back in forty seconds
    soon(() -> there.left() < LIMIT);
    redis.kill();

    here.spend(10 * LIMIT);
    assertThat(here.isDry()).isTrue();
    assertThat(there.isDry()).isFalse();

    redis.start();
    soon(() -> there.isDry());
  }

  @Test
  void whatIsNoTimeInRedisIsWrittenAnew() {
    put("none of yours");
    Process here = process();
    here.spend(TAKEN);
    soon(() -> stored().isPresent());

    put("1e300");
    soon(() -> here.left() == 0);
    assertThat(here.key().tokens().orElseThrow().reset()).isLessThan(Duration.ofDays(3));
    redis.command(Request.cmd(Command.DEL).arg("test:1:owed"));
    soon(() -> here.left() == LIMIT);
  }

  @Test
  void nothingIsSaidOfKeysWithoutLimits() {
    Process here = new Process(0, List.of());
    Process there = process();
    here.key().ask();
    there.spend(1);

    soon(() -> stored().isPresent());
    assertThat(redis.command(Request.cmd(Command.HLEN).arg("test:1:owed")).toInteger()).isOne();
  }

  @Test
  void anyNumberOfThemIsSettled() {
    Process here = process(450);
    Process there = process(450);
    here.spend(TAKEN);

    soon(() -> there.left() < LIMIT);
    here.keyring.keys().forEach(key -> key.paid("m", Tokens.of(TAKEN, 0)));
    soon(
        () ->
            there.keyring.keys().stream()
                .allMatch(key -> key.tokens().orElseThrow().remaining() < LIMIT));
  }

  private void put(String value) {
    redis.command(Request.cmd(Command.HSET).arg("test:1:owed").arg(ACCOUNT).arg(value));
  }

  private OptionalLong stored() {
    var value = redis.command(Request.cmd(Command.HGET).arg("test:1:owed").arg(ACCOUNT));
    return value == null || !value.toString().matches("\\d{16}")
        ? OptionalLong.empty()
        : OptionalLong.of(value.toLong());
  }

  private static void soon(BooleanSupplier what) {
    await().atMost(Duration.ofSeconds(60)).until(what::getAsBoolean);
  }

  private Process process() {
    return process(1);
  }

  private Process process(int keys) {
    List<String> more = new ArrayList<>();
    for (int i = 1; i < keys; i++) {
      more.add("more-" + i);
    }
    return new Process(LIMIT, more);
  }

  /** One that has this key, and lives in an event loop of its own. */
  private final class Process {
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Context loop = vertx.getOrCreateContext();
    private final Keyring keyring;
    private final RedisLink link;
    private final SharedLimits sharedLimits;

    Process(int tokens, List<String> more) {
      List<KeySettings> keys = new ArrayList<>();
      keys.add(settings("search", tokens));
      more.forEach(name -> keys.add(settings(name, tokens)));
      keyring = Keyring.NONE.next(keys, Budget.Tariff.NONE);
      link = onLoop(this::link);
      sharedLimits = onLoop(() -> new SharedLimits(vertx, link, "test", keyring::keyLimits));
      processes.add(this);
    }

    private static KeySettings settings(String name, int tokens) {
      byte[] digest = new byte[32];
      digest[0] = (byte) name.hashCode();
      digest[1] = (byte) (name.hashCode() >> 8);
      return new KeySettings(
          name,
          new KeySecret("", "", HexFormat.of().formatHex(digest)),
          "t",
          List.of(),
          0,
          tokens,
          0,
          0,
          null);
    }

    private RedisLink link() {
      RedisSettings settings =
          new RedisSettings(
              new Servers.Single(redis.url()),
              Duration.ofSeconds(5),
              4096,
              5,
              Duration.ofMillis(300));
      return RedisLink.open(vertx, settings, new RedisLog(), new Observer() {});
    }

    Key key() {
      return keyring.keys().stream().filter(key -> key.name().equals("search")).findFirst().get();
    }

    boolean isDry() {
      return key().denial("m") != null;
    }

    void spend(long tokens) {
      key().paid("m", Tokens.of(tokens, 0));
    }

    long left() {
      return key().tokens().orElseThrow().remaining();
    }

    private <T> T onLoop(Supplier<T> made) {
      Promise<T> done = Promise.promise();
      loop.runOnContext(now -> done.complete(made.get()));
      return done.future().await();
    }

    Duration owes() {
      return key().tokens().orElseThrow().reset();
    }

    void close() {
      sharedLimits.close();
      onLoop(link::close).await();
      vertx.close().await();
    }
  }
}
