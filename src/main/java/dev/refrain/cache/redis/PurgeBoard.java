package dev.refrain.cache.redis;

import dev.refrain.cache.FleetClock;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Purge;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Exchanges purge marks between replicas through a Redis hash, {@code <what>} to {@code <epoch>},
 * dated by the clock of Redis, which is read with it. Read twice a second, and completed with the
 * local marks: a purge made while Redis was down, or before Redis lost its data, is published
 * again. A mark that was deleted there is not.
 *
 * <p>Threads: made on one event loop and living there, over that loop's connection; {@link
 * #publish} may be called on any. One is enough for a process.
 */
public final class PurgeBoard {
  /** How often the board is read, in milliseconds. */
  static final long EVERY = 500;

  /** How often until it was read once, in milliseconds. */
  private static final long AT_FIRST = 20;

  /** Longest wait for a reply, in milliseconds. */
  private static final long PATIENCE = 400;

  private final Vertx vertx;
  private final Context loop;
  private final RedisLink link;
  private final PurgeMarks purgeMarks;
  private final FleetClock clock;
  private final String key;
  private final Promise<Void> known = Promise.promise();

  /** Fields of the board as last read or written over {@link #readConnection}. */
  private final Set<String> seen = new HashSet<>();

  /** Fields that an operator deleted, by the epoch they had in this process. */
  private final Map<String, Long> withdrawn = new HashMap<>();

  /** Fields of the board that lie in the future, as they stand there. */
  private final Map<String, Long> future = new HashMap<>();

  private Object readConnection;
  private Future<Void> exchange = Future.succeededFuture();
  private volatile boolean closed;

  /**
   * A board that is read from now on. Until it was, the epochs are not complete.
   *
   * @param prefix what keys begin with
   * @param purgeMarks by that clock
   * @param clock is set by that of Redis from now on
   */
  public PurgeBoard(
      Vertx vertx, RedisLink link, String prefix, PurgeMarks purgeMarks, FleetClock clock) {
    this.vertx = vertx;
    this.loop = vertx.getOrCreateContext();
    this.link = link;
    this.purgeMarks = purgeMarks;
    this.clock = clock;
    this.key = key(prefix);
    watch();
  }

  private static String key(String prefix) {
    return prefix + ":1:epochs";
  }

  /** The marks that stand on a board, for an operator who stores entries beside it. */
  static Future<Map<Purge, Long>> marks(RedisLink link, String prefix, long patience) {
    String key = key(prefix);
    return link.send(key, Request.cmd(Command.HGETALL).arg(key), patience)
        .map(
            board -> {
              Map<Purge, Long> marks = new HashMap<>();
              read(board).forEach((what, epoch) -> marks.merge(parse(what), epoch, Math::max));
              return marks;
            });
  }

  private void watch() {
    if (!closed) {
      long pause = purgeMarks.isComplete() ? EVERY : AT_FIRST;
      exchangeNext().onComplete(done -> vertx.setTimer(pause, due -> watch()));
    }
  }

  /** Succeeds once the purges of the others are known. */
  public Future<Void> known() {
    return known.future();
  }

  /** Succeeds once Redis has our marks; fails if they cannot be written now. */
  public Future<Void> publish() {
    Promise<Void> done = Promise.promise();
    loop.runOnContext(now -> exchangeNext().onComplete(done));
    return done.future();
  }

  /** Reads no more. On any thread. */
  public void close() {
    closed = true;
  }

  /** One after the other, so that what is written was compared with what is there. */
  private Future<Void> exchangeNext() {
    exchange = exchange.transform((before, cause) -> exchange());
    return exchange;
  }

  private Future<Void> exchange() {
    long begun = clock.begin();
    return link.send(key, Request.cmd(Command.TIME), PATIENCE)
        .onSuccess(time -> correct(begun, time))
        .transform((time, cause) -> readBoard());
  }

  private Future<Void> readBoard() {
    Object connection = link.connection(key);
    if (connection != readConnection) {
      readConnection = connection;
      seen.clear();
    }
    return link.send(key, Request.cmd(Command.HGETALL).arg(key), PATIENCE).compose(this::reconcile);
  }

  /** Seconds and microseconds. Marks that no other replica knows yet move with the time. */
  private void correct(long begun, Response time) {
    long there = time.get(0).toLong() * 1000 + time.get(1).toLong() / 1000;
    long moved = clock.correct(begun, there);
    if (moved > 0) {
      ours()
          .forEach(
              (what, epoch) -> {
                if (!seen.contains(what) && !withdrawn.containsKey(what)) {
                  purgeMarks.add(parse(what), epoch + moved);
                }
              });
    }
  }

  private Future<Void> reconcile(Response board) {
    long latest = clock.getAsLong() + FleetClock.TOLERANCE.toMillis();
    Map<String, Long> theirs = read(board);
    purgeMarks.clamp(latest);
    theirs.forEach((what, epoch) -> learn(what, epoch, latest));
    purgeMarks.forget();
    purgeMarks.complete(true);
    known.tryComplete();

    Map<String, Long> ours = ours();
    withdraw(theirs.keySet(), ours);
    List<String> missing =
        ours.keySet().stream()
            .filter(what -> !ours.get(what).equals(withdrawn.get(what)))
            .filter(what -> isWorse(theirs.getOrDefault(what, 0L), ours.get(what), latest))
            .toList();
    List<String> needless =
        theirs.keySet().stream().filter(what -> !ours.containsKey(what)).toList();
    return Future.join(
            Stream.of(put(missing, ours), remove(needless)).flatMap(Optional::stream).toList())
        .mapEmpty();
  }

  /**
   * A mark from the future concerns what was requested until now: it counts as made at the moment
   * it is first read, not anew at each reading.
   */
  private void learn(String what, long epoch, long latest) {
    if (epoch <= latest) {
      future.remove(what);
      purgeMarks.add(parse(what), epoch);
    } else if (!Long.valueOf(epoch).equals(future.put(what, epoch))) {
      purgeMarks.add(parse(what), latest);
    }
  }

  private static boolean isWorse(long theirs, long ours, long latest) {
    return theirs < ours || theirs > latest;
  }

  /**
   * Marks that stood on the board and are gone, though the server is the same, were deleted by an
   * operator: they hold on here, and are not written again.
   */
  private void withdraw(Set<String> theirs, Map<String, Long> ours) {
    for (String what : seen) {
      if (!theirs.contains(what) && ours.containsKey(what)) {
        withdrawn.put(what, ours.get(what));
      }
    }
    withdrawn.keySet().retainAll(ours.keySet());
    future.keySet().retainAll(theirs);
    seen.clear();
    seen.addAll(theirs);
  }

  private Map<String, Long> ours() {
    Map<String, Long> ours = new HashMap<>();
    purgeMarks.marks().forEach((what, epoch) -> ours.put(write(what), epoch));
    return ours;
  }

  private Optional<Future<Response>> put(List<String> missing, Map<String, Long> ours) {
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    Request put = Request.cmd(Command.HSET).arg(key);
    missing.forEach(what -> put.arg(what).arg(ours.get(what)));
    Future<Response> written =
        link.send(key, put, PATIENCE).onSuccess(done -> seen.addAll(missing));
    link.send(key, Request.cmd(Command.PEXPIRE).arg(key).arg(2 * purgeMarks.retention()), PATIENCE);
    return Optional.of(written);
  }

  private Optional<Future<Response>> remove(List<String> needless) {
    if (needless.isEmpty()) {
      return Optional.empty();
    }
    Request remove = Request.cmd(Command.HDEL).arg(key);
    needless.forEach(remove::arg);
    return Optional.of(link.send(key, remove, PATIENCE));
  }

  private static Map<String, Long> read(Response board) {
    Map<String, Long> marks = new HashMap<>();
    for (int at = 0; at + 1 < board.size(); at += 2) {
      marks.put(board.get(at).toString(), epoch(board.get(at + 1).toString()));
    }
    return marks;
  }

  private static long epoch(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException garbage) {
      return 0; // concerns nothing, and is removed
    }
  }

  private static String write(Purge what) {
    return what.by().label() + ":" + what.value();
  }

  /** A mark that cannot be parsed, perhaps of a newer version, purges everything. */
  private static Purge parse(String text) {
    int colon = text.indexOf(':');
    for (Purge.By by : Purge.By.values()) {
      if (colon > 0 && text.substring(0, colon).equals(by.label())) {
        return Purge.of(by, text.substring(colon + 1)).orElse(Purge.ALL);
      }
    }
    return Purge.ALL;
  }
}
