package dev.refrain.keys.fleet;

import dev.refrain.keys.Keyring.KeyLimit;
import dev.refrain.keys.TokenBucket.PendingUsage;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * Exchanges used limits between replicas through a Redis hash: {@code <account>} to the time at
 * which the bucket is full again, in microseconds since 1970 by the clock of Redis. What is taken
 * moves that time on by as much as it takes to come back. Settled once a second, one command for
 * all accounts; so they may overdraw by what all but one take in a second.
 *
 * <p>While Redis is down each replica counts alone, and usage that was refilled meanwhile is never
 * published.
 *
 * <p>Threads: made on one event loop and living there, over that loop's connection. One is enough
 * for a process.
 *
 * <p>Source: the generic cell rate algorithm (ITU-T I.371), whose theoretical arrival time this is.
 */
public final class SharedLimits {
  /** From one settlement to the next, in milliseconds. */
  static final long EVERY = 1_000;

  /** Longest wait for a reply, in milliseconds. */
  private static final long PATIENCE = 400;

  /** Accounts of one command, which holds up all others for well under a millisecond. */
  private static final int AT_ONCE = 200;

  /** Longer than any debt takes to repay. */
  private static final long KEEP = Duration.ofDays(2).toMillis();

  // A value that is not a time counts as none and is overwritten.
  private static final String SETTLE =
      """
      local clock = redis.call('time')
      local now = clock[1] * 1000000 + clock[2]
      local owed = {}
      for i = 2, #ARGV, 2 do
        local back = tonumber(redis.call('hget', KEYS[1], ARGV[i]) or 0) or 0
        back = math.min(math.max(now, back), now + ARGV[1] * 1000)
        local more = tonumber(ARGV[i + 1])
        if more > 0 then
          back = back + more
          redis.call('hset', KEYS[1], ARGV[i], string.format('%.0f', back))
          redis.call('pexpire', KEYS[1], ARGV[1])
        end
        owed[#owed + 1] = back - now
      end
      return owed\
      """;

  private final Vertx vertx;
  private final RedisLink link;
  private final String key;
  private final Supplier<List<KeyLimit>> keyLimits;
  private volatile boolean closed;

  /**
   * A ledger that is settled as soon as Redis is there.
   *
   * @param prefix what keys begin with
   * @param keyLimits those there are now
   */
  public SharedLimits(
      Vertx vertx, RedisLink link, String prefix, Supplier<List<KeyLimit>> keyLimits) {
    this.vertx = vertx;
    this.link = link;
    this.key = prefix + ":1:owed";
    this.keyLimits = keyLimits;
    link.tried().onComplete(known -> watch());
  }

  private void watch() {
    if (!closed) {
      settle(keyLimits.get(), 0).onComplete(done -> vertx.setTimer(EVERY, due -> watch()));
    }
  }

  /** Settles no more. On any thread. */
  public void close() {
    closed = true;
  }

  private Future<Void> settle(List<KeyLimit> all, int from) {
    int to = Math.min(from + AT_ONCE, all.size());
    return from == to
        ? Future.succeededFuture()
        : settle(all.subList(from, to)).compose(done -> settle(all, to));
  }

  private Future<Void> settle(List<KeyLimit> some) {
    List<PendingUsage> pendingUsages =
        some.stream().map(each -> each.bucket().pendingUsage()).toList();
    Request settle = Request.cmd(Command.EVAL).arg(SETTLE).arg(1).arg(key).arg(KEEP);
    for (int i = 0; i < some.size(); i++) {
      settle.arg(some.get(i).name()).arg(pendingUsages.get(i).micros());
    }
    return link.send(key, settle, PATIENCE).onSuccess(owed -> made(pendingUsages, owed)).mapEmpty();
  }

  private static void made(List<PendingUsage> pendingUsages, Response owed) {
    for (int i = 0; i < pendingUsages.size(); i++) {
      pendingUsages.get(i).made(owed.get(i).toLong());
    }
  }
}
