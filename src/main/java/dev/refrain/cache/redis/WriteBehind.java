package dev.refrain.cache.redis;

import dev.refrain.cache.EntryCodec;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Source;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes entries in the background. No request waits for a write. What cannot be written at once,
 * because Redis is away or too many writes are under way, is dropped and counted.
 *
 * <p>Threads: one event loop.
 */
final class WriteBehind {
  /** No request waits for a write, so it may take longer than a lookup; in milliseconds. */
  static final long PATIENCE = 1_000;

  /** Writes under way at once; others wait unencoded, and lookups are not behind them all. */
  private static final int AT_ONCE = 64;

  private final RedisLink link;
  private final SharedCacheSettings settings;
  private final PendingWrites pending;
  private final EntryCodec codec;
  private final Observer observer;

  private final Deque<PendingWrite> waiting = new ArrayDeque<>();
  private int underWay;
  private boolean closed;
  private final Promise<Void> drained = Promise.promise();

  private record PendingWrite(String key, Entry entry) {}

  WriteBehind(
      RedisLink link,
      SharedCacheSettings settings,
      PendingWrites pending,
      EntryCodec codec,
      Observer observer) {
    this.link = link;
    this.settings = settings;
    this.pending = pending;
    this.codec = codec;
    this.observer = observer;
  }

  /** Writes the entry, or drops it. An entry over the size limit was never meant to be kept. */
  void offer(String key, Entry entry) {
    if (closed || !link.isConnected(key) || !pending.begin()) {
      observer.storeDropped(Source.REDIS);
      return;
    }
    waiting.add(new PendingWrite(key, entry));
    writeNext(AT_ONCE);
  }

  /** Takes no more. The future succeeds when what is under way has ended, within the patience. */
  Future<Void> close() {
    closed = true;
    writeNext(Integer.MAX_VALUE);
    completeWhenDrained();
    return drained.future();
  }

  /** Writes what waits while fewer than so many writes are under way. */
  private void writeNext(int atOnce) {
    while (!waiting.isEmpty() && underWay < atOnce) {
      PendingWrite next = waiting.remove();
      codec
          .encode(next.entry)
          .ifPresentOrElse(value -> write(next.key, value, next.entry.ttl()), pending::end);
    }
  }

  private void write(String key, byte[] value, long ttl) {
    underWay++;
    Request set = Request.cmd(Command.SET).arg(key).arg(value).arg("PX").arg(lifetime(ttl));
    link.send(key, set, PATIENCE).onComplete((reply, cause) -> written(value.length, cause));
  }

  private void written(int bytes, Throwable cause) {
    underWay--;
    pending.end();
    if (cause == null) {
      observer.stored(Source.REDIS, bytes);
    } else {
      observer.storeDropped(Source.REDIS);
    }
    writeNext(AT_ONCE);
    completeWhenDrained();
  }

  private long lifetime(long ofEntry) {
    long ttl = ofEntry == 0 ? settings.ttl().toMillis() : ofEntry;
    double off = settings.ttlJitter() * ThreadLocalRandom.current().nextDouble();
    return Math.max(1, Math.round(ttl * (1 - off)));
  }

  private void completeWhenDrained() {
    if (closed && underWay == 0) {
      drained.tryComplete();
    }
  }
}
