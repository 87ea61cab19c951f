package dev.refrain.cache.redis;

import dev.refrain.cache.Epochs;
import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Sharing;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;

/**
 * Keeps in Redis what comes from further down, for {@link SharedCache} to find, whoever of the
 * fleet asks. Nobody waits for it.
 *
 * <p>Threads: made and used on one event loop, over that loop's connection.
 */
public final class SharedKeeper implements CompletionService {
  private final SharedCacheSettings settings;
  private final Epochs epochs;
  private final CompletionService next;
  private final WriteBehind writes;

  /**
   * A stage on the caller's event loop, over that loop's link; {@code epochs} says what was purged.
   */
  public SharedKeeper(
      RedisLink link,
      SharedCacheSettings settings,
      Epochs epochs,
      Observer observer,
      CompletionService next) {
    this.settings = settings;
    this.epochs = epochs;
    this.next = next;
    this.writes = new WriteBehind(link, settings, new EntryCodec(settings.maxEntry()), observer);
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    Future<Completion> answer = next.complete(request);
    return request.sharing() instanceof Sharing.Shareable
        ? answer.onSuccess(kept -> kept.entry().onSuccess(entry -> keep(request, entry)))
        : answer;
  }

  /** Takes no more writes; done when those under way are, after a second at most. */
  public Future<Void> close() {
    return writes.close();
  }

  private void keep(CompletionRequest request, Entry entry) {
    keep(entry);
    request.division().entries(entry).forEach(this::keep);
  }

  private void keep(Entry entry) {
    if (!epochs.cover(entry)) {
      writes.offer(settings.key(entry.fingerprint()), entry);
    }
  }
}
