package dev.refrain.cache.redis;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Source;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
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

  private final RedisLink link;
  private final SharedCacheSettings settings;
  private final EntryCodec codec;
  private final Observer observer;

  private int pending;
  private boolean closed;
  private final Promise<Void> drained = Promise.promise();

  WriteBehind(RedisLink link, SharedCacheSettings settings, EntryCodec codec, Observer observer) {
    this.link = link;
    this.settings = settings;
    this.codec = codec;
    this.observer = observer;
  }

  /** Writes the entry, or drops it. An entry over the size limit was never meant to be kept. */
  void offer(String key, Entry entry) {
    if (closed || !link.isConnected(key) || pending >= settings.pendingWrites()) {
      observer.storeDropped(Source.REDIS);
      return;
    }
    codec.encode(entry).ifPresent(value -> write(key, value));
  }

  /** Takes no more. The future succeeds when what is under way has ended, within the patience. */
  Future<Void> close() {
    closed = true;
    completeWhenDrained();
    return drained.future();
  }

  private void write(String key, byte[] value) {
    pending++;
    Request set = Request.cmd(Command.SET).arg(key).arg(value).arg("PX").arg(lifetime());
    link.send(key, set, PATIENCE).onComplete((reply, cause) -> written(value.length, cause));
  }

  private void written(int bytes, Throwable cause) {
    pending--;
    if (cause == null) {
      observer.stored(Source.REDIS, bytes);
    } else {
      observer.storeDropped(Source.REDIS);
    }
    completeWhenDrained();
  }

  private long lifetime() {
    double off = settings.ttlJitter() * ThreadLocalRandom.current().nextDouble();
    return Math.max(1, Math.round(settings.ttl().toMillis() * (1 - off)));
  }

  private void completeWhenDrained() {
    if (closed && pending == 0) {
      drained.tryComplete();
    }
  }
}
