package dev.refrain.cache.redis;

import dev.refrain.cache.EntryCodec;
import dev.refrain.cache.MemoryStore.StoredEntry;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Source;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.util.Optional;

/** Looks up entries in Redis for an operator. On the event loop of its link. */
public final class EntryProbe {
  private final RedisLink link;
  private final SharedCacheSettings settings;
  private final PurgeMarks purgeMarks;

  /** A probe over this link; {@code purgeMarks} says what was purged. */
  public EntryProbe(RedisLink link, SharedCacheSettings settings, PurgeMarks purgeMarks) {
    this.link = link;
    this.settings = settings;
    this.purgeMarks = purgeMarks;
  }

  /** The entry that would be served; empty if there is none, also while Redis does not answer. */
  public Future<Optional<StoredEntry>> find(Fingerprint fingerprint) {
    String key = settings.key(fingerprint);
    Request get = Request.cmd(Command.GETRANGE).arg(key).arg(0).arg(settings.maxEntry());
    return link.send(key, get, settings.timeout().toMillis())
        .map(reply -> decoded(fingerprint, reply))
        .otherwise(Optional.empty());
  }

  private Optional<StoredEntry> decoded(Fingerprint fingerprint, Response reply) {
    if (reply == null || reply.type() != ResponseType.BULK) {
      return Optional.empty();
    }
    return new EntryCodec(settings.maxEntry())
        .decode(fingerprint, reply.toBytes())
        .filter(entry -> !purgeMarks.covers(entry) && expiresAt(entry) > purgeMarks.now())
        .map(entry -> new StoredEntry(Source.REDIS, entry, expiresAt(entry)));
  }

  private long expiresAt(Entry entry) {
    return entry.expiresAt(settings.ttl().toMillis());
  }
}
