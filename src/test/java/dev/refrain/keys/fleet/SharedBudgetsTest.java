package dev.refrain.keys.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.inference.Observer;
import dev.refrain.inference.Tokens;
import dev.refrain.keys.Budget;
import dev.refrain.keys.Key;
import dev.refrain.keys.KeySettings;
import dev.refrain.keys.KeySettings.BudgetSettings;
import dev.refrain.keys.KeySettings.KeySecret;
import dev.refrain.keys.Keyring;
import dev.refrain.keys.Spending.Period;
import dev.refrain.redis.RedisLink;
import dev.refrain.redis.RedisLog;
import dev.refrain.redis.RedisSettings;
import dev.refrain.redis.Servers;
import dev.refrain.testing.RedisFixture;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes that add up what a key has spent, over a real Redis. A token costs one unit. */
@Timeout(60)
class SharedBudgetsTest {
  private final RedisFixture redis = new RedisFixture();
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void stop() {
    processes.forEach(Process::close);
    redis.close();
  }

  @Test
  void allKnowWhatEachHasSpentAlsoAfterRedisHasLostIt() {
    Process here = new Process();
    Process there = new Process();
    here.spend(3);
    there.spend(4);
    soon(here, 7);
    soon(there, 7);
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    String hash = "test:1:spent:" + YearMonth.from(today);
    assertThat(stored(hash, "search")).isEqualTo("7000000000");
    assertThat(stored(hash, "search:" + today.getDayOfMonth())).isEqualTo("7000000000");

    redis.command(Request.cmd(Command.DEL).arg(hash));
    await().until(() -> "7000000000".equals(stored(hash, "search")));
    redis.command(Request.cmd(Command.HSET).arg(hash).arg("search").arg("no amount"));
    here.spend(5);
    soon(there, 12);
    soon(new Process(), 12);
  }

  private String stored(String hash, String field) {
    var value = redis.command(Request.cmd(Command.HGET).arg(hash).arg(field));
    return value == null ? null : value.toString();
  }

  private static void soon(Process process, double spent) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> process.spent(Period.DAY) == spent && process.spent(Period.MONTH) == spent);
  }

  private final class Process {
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Keyring keyring =
        Keyring.NONE.next(
            List.of(
                new KeySettings(
                    "search",
                    new KeySecret("", "", "0".repeat(64)),
                    "t",
                    List.of(),
                    0,
                    0,
                    0,
                    0,
                    new BudgetSettings(10, 0))),
            new Budget.Tariff("EUR", model -> Tokens::total));
    private final RedisLink link = onLoop(this::link);
    private final SharedBudgets budgets =
        onLoop(() -> new SharedBudgets(vertx, link, "test", keyring::spendings, 20));

    Process() {
      processes.add(this);
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

    private <T> T onLoop(Supplier<T> made) {
      Promise<T> done = Promise.promise();
      vertx.getOrCreateContext().runOnContext(now -> done.complete(made.get()));
      return done.future().await();
    }

    void spend(long tokens) {
      key().paid("m", Tokens.of(tokens, 0));
    }

    double spent(Period period) {
      return key().budget().orElseThrow().spent(period);
    }

    private Key key() {
      return keyring.keys().iterator().next();
    }

    void close() {
      budgets.close();
      onLoop(link::close).await();
      vertx.close().await();
    }
  }
}
