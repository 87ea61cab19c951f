package dev.refrain.redis;

import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/**
 * Log messages about Redis: one when it is lost, one when it is back, for all connections together,
 * and one for each kind of error, at most every ten minutes.
 *
 * <p>Never what Redis said word by word: it may repeat a key or what was to be written.
 *
 * <p>One for a process, safe on any thread.
 */
public final class RedisLog {
  private static final long QUIET = Duration.ofMinutes(10).toNanos();

  private final Logger log;
  private final LongSupplier nanoTime;
  private final Map<RedisError, Long> spoken = new EnumMap<>(RedisError.class);
  private int links;
  private int up;
  private boolean good;
  private boolean complained;

  /** A log of a process that has no connection yet. */
  public RedisLog() {
    this(System::nanoTime);
  }

  /** The same by another clock. */
  RedisLog(LongSupplier nanoTime) {
    this(LoggerFactory.getLogger(RedisLog.class), nanoTime);
  }

  private RedisLog(Logger log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  /** One that says nothing, for a command that says itself what it could not do. */
  public static RedisLog silent() {
    return new RedisLog(NOPLogger.NOP_LOGGER, System::nanoTime);
  }

  /** There is another connection to be had. */
  synchronized void opened() {
    links++;
  }

  /** A connection became usable. */
  synchronized void up() {
    up++;
    logRecovery();
  }

  /** A connection that was usable ceased to be. */
  synchronized void lost(String server, String reason) {
    up--;
    failed(server, reason);
  }

  /** A connection could not be had. */
  synchronized void failed(String server, String reason) {
    if (!complained) {
      log.warn("{} is not reachable: {}; continuing without it", server, reason);
      complained = true;
    }
    good = false;
  }

  /** A connection is not wanted any more. */
  synchronized void closed(boolean wasUp) {
    links--;
    up -= wasUp ? 1 : 0;
    if (links > 0) {
      logRecovery();
    }
  }

  private void logRecovery() {
    if (up == links && !good) {
      log.info("redis is reachable");
      good = true;
      complained = false;
    }
  }

  /** Redis rejected a command. Temporary errors are not logged. */
  synchronized void refused(Command command, Throwable cause) {
    RedisError kind = RedisError.of(cause);
    long now = nanoTime.getAsLong();
    if (kind == null || (spoken.containsKey(kind) && now - spoken.get(kind) < QUIET)) {
      return;
    }
    spoken.put(kind, now);
    log.warn(
        "redis rejects {} ({}): {}; continuing without it",
        command.toString().toUpperCase(Locale.ROOT),
        kind,
        kind.advice());
  }
}
