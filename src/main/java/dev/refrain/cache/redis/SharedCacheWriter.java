package dev.refrain.cache.redis;

import dev.refrain.cache.EntryCodec;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Entry;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;

/**
 * Stores the entries of the stages below in Redis, where {@link SharedCache} of any replica finds
 * them. No request waits for it.
 *
 * <p>Threads: made and used on one event loop, over that loop's connection.
 */
public final class SharedCacheWriter implements SharedService {
  private final SharedCacheSettings settings;
  private final PurgeMarks purgeMarks;
  private final SharedService next;
  private final WriteBehind writes;

  /**
   * A stage on the caller's event loop, over that loop's link.
   *
   * @param pending writes of all event loops
   * @param purgeMarks what was purged
   */
  public SharedCacheWriter(
      RedisLink link,
      SharedCacheSettings settings,
      PendingWrites pending,
      PurgeMarks purgeMarks,
      Observer observer,
      SharedService next) {
    this.settings = settings;
    this.purgeMarks = purgeMarks;
    this.next = next;
    EntryCodec codec = new EntryCodec(settings.maxEntry());
    this.writes = new WriteBehind(link, settings, pending, codec, observer);
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    return next.respond(request, key)
        .onSuccess(answer -> answer.entry().onSuccess(entry -> store(request, entry)));
  }

  /** Takes no more writes; done when those under way are, after a second at most. */
  public Future<Void> close() {
    return writes.close();
  }

  private void store(InferenceRequest request, Entry entry) {
    store(entry);
    request.split().entries(request, entry).forEach(this::store);
  }

  private void store(Entry entry) {
    if (!purgeMarks.covers(entry)) {
      writes.offer(settings.key(entry.fingerprint()), entry);
    }
  }
}
