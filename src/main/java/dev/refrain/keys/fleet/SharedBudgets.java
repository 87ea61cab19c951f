package dev.refrain.keys.fleet;

import dev.refrain.keys.Keyring.KeySpending;
import dev.refrain.keys.Spending.Report;
import dev.refrain.keys.Spending.Sums;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Adds up what keys have spent in all replicas, in a Redis hash for each month: {@code search} to
 * the billionths of the month, {@code search:30} to those of its 30th day. Reported once a second.
 *
 * <p>A report has a number, and Redis keeps the last number of each process. So a report whose
 * reply was lost is sent again, unchanged, and counts once. A report also says what its process
 * knows in all: a Redis that has lost its data learns it again.
 *
 * <p>While Redis is down each replica counts alone, and reports later.
 *
 * <p>Threads: made on one event loop and living there, over that loop's connection. One is enough
 * for a process.
 */
public final class SharedBudgets {
  /** Longest wait for a reply, in milliseconds. */
  private static final long PATIENCE = 400;

  /** Keys of one command, which holds up all others for well under a millisecond. */
  private static final int AT_ONCE = 100;

  /** Longer than any month. */
  private static final long KEEP = Duration.ofDays(40).toMillis();

  // ARGV: how long to keep, process, number, then field, spent since, known in all. A value that is
  // no amount counts as none.
  private static final String ADD =
      """
      local new = redis.call('hget', KEYS[1], ARGV[2]) ~= ARGV[3]
      local sums = {}
      for i = 4, #ARGV, 3 do
        local spent = tonumber(redis.call('hget', KEYS[1], ARGV[i]) or 0) or 0
        if not (spent >= 0 and spent <= 1e18) then
          spent = 0
        end
        local all = math.max(spent + (new and tonumber(ARGV[i + 1]) or 0), tonumber(ARGV[i + 2]))
        if all ~= spent then
          redis.call('hset', KEYS[1], ARGV[i], string.format('%.0f', all))
          redis.call('hset', KEYS[1], ARGV[2], ARGV[3])
          redis.call('pexpire', KEYS[1], ARGV[1])
        end
        sums[#sums + 1] = string.format('%.0f', all)
      end
      return sums\
      """;

  private final Vertx vertx;
  private final RedisLink link;
  private final String prefix;
  private final Supplier<List<KeySpending>> spendings;
  private final long every;
  private final String process = "@" + UUID.randomUUID();
  private final Queue<Batch> batches = new ArrayDeque<>();
  private long number;
  private volatile boolean closed;

  /**
   * Reports as soon as Redis is there.
   *
   * @param prefix what keys begin with
   * @param spendings those there are now
   */
  public SharedBudgets(
      Vertx vertx, RedisLink link, String prefix, Supplier<List<KeySpending>> spendings) {
    this(vertx, link, prefix, spendings, SharedLimits.EVERY);
  }

  /** The same, with so many milliseconds from one report to the next. */
  SharedBudgets(
      Vertx vertx,
      RedisLink link,
      String prefix,
      Supplier<List<KeySpending>> spendings,
      long every) {
    this.every = every;
    this.vertx = vertx;
    this.link = link;
    this.prefix = prefix + ":1:spent:";
    this.spendings = spendings;
    link.tried().onComplete(known -> watch());
  }

  private record Account(String name, Report report) {}

  /** Accounts of one month that are reported together, again and again until it is heard. */
  private record Batch(YearMonth month, long number, List<Account> accounts) {}

  private void watch() {
    if (!closed) {
      if (batches.isEmpty()) {
        begin();
      }
      report().onComplete(done -> vertx.setTimer(every, due -> watch()));
    }
  }

  private void begin() {
    List<Account> accounts = new ArrayList<>();
    YearMonth month = null;
    for (KeySpending each : spendings.get()) {
      Report report = each.spending().begin();
      YearMonth of = YearMonth.from(report.sums().date());
      if (!of.equals(month) || accounts.size() == AT_ONCE) {
        end(month, accounts);
        accounts = new ArrayList<>();
        month = of;
      }
      accounts.add(new Account(each.name(), report));
    }
    end(month, accounts);
  }

  private void end(YearMonth month, List<Account> accounts) {
    if (!accounts.isEmpty()) {
      number++;
      batches.add(new Batch(month, number, accounts));
    }
  }

  private Future<Void> report() {
    Batch batch = batches.peek();
    if (batch == null) {
      return Future.succeededFuture();
    }
    String key = prefix + batch.month;
    Request add =
        Request.cmd(Command.EVAL).arg(ADD).arg(1).arg(key).arg(KEEP).arg(process).arg(batch.number);
    for (Account account : batch.accounts) {
      Sums sums = account.report.sums();
      add.arg(account.name).arg(sums.newOfMonth()).arg(sums.ofMonth());
      add.arg(account.name + ":" + sums.date().getDayOfMonth());
      add.arg(sums.newOfDay()).arg(sums.ofDay());
    }
    return link.send(key, add, PATIENCE)
        .onSuccess(sums -> made(batch, sums))
        .compose(done -> report());
  }

  private void made(Batch batch, Response sums) {
    batches.remove();
    for (int i = 0; i < batch.accounts.size(); i++) {
      batch.accounts.get(i).report.made(sums.get(2 * i + 1).toLong(), sums.get(2 * i).toLong());
    }
  }

  /** Reports no more. On any thread. */
  public void close() {
    closed = true;
  }
}
