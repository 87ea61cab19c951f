package dev.refrain.cache.redis;

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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where replicas tell each other of purges: a hash in Redis, {@code <what>} to {@code <epoch>}.
 * Read twice a second, and made to say what we know whenever it does not: a purge told while Redis
 * was away, or before it lost its memory, is told again.
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
  private final String key;
  private final Promise<Void> known = Promise.promise();
  private Future<Void> exchange = Future.succeededFuture();
  private volatile boolean closed;

  /**
   * A board that is read from now on. Until it was, the epochs are not complete.
   *
   * @param prefix what keys begin with
   */
  public PurgeBoard(Vertx vertx, RedisLink link, String prefix, PurgeMarks purgeMarks) {
    this.vertx = vertx;
    this.loop = vertx.getOrCreateContext();
    this.link = link;
    this.purgeMarks = purgeMarks;
    this.key = prefix + ":1:epochs";
    watch();
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

  /** Succeeds once Redis knows what we know; fails if that has to wait. */
  public Future<Void> publish() {
    Promise<Void> told = Promise.promise();
    loop.runOnContext(now -> exchangeNext().onComplete(told));
    return told.future();
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
    return link.send(key, Request.cmd(Command.HGETALL).arg(key), PATIENCE).compose(this::reconcile);
  }

  private Future<Void> reconcile(Response board) {
    Map<String, Long> theirs = read(board);
    theirs.forEach((what, epoch) -> purgeMarks.add(parse(what), epoch));
    purgeMarks.forget();
    purgeMarks.complete(true);
    known.tryComplete();

    Map<String, Long> ours = new HashMap<>();
    purgeMarks.marks().forEach((what, epoch) -> ours.put(write(what), epoch));
    List<String> missing =
        ours.keySet().stream()
            .filter(what -> theirs.getOrDefault(what, 0L) < ours.get(what))
            .toList();
    List<String> needless =
        theirs.keySet().stream().filter(what -> !ours.containsKey(what)).toList();
    return Future.join(
            Stream.of(put(missing, ours), remove(needless)).flatMap(Optional::stream).toList())
        .mapEmpty();
  }

  private Optional<Future<Response>> put(List<String> missing, Map<String, Long> ours) {
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    Request put = Request.cmd(Command.HSET).arg(key);
    missing.forEach(what -> put.arg(what).arg(ours.get(what)));
    Future<Response> written = link.send(key, put, PATIENCE);
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

  /** What cannot be understood, perhaps because a newer version wrote it, concerns everything. */
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
