package dev.refrain.cache;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Observer.Unkept;
import dev.refrain.completion.Sharing;
import dev.refrain.completion.Source;
import io.vertx.core.Future;

/**
 * Keeps in memory what comes from further down, once for all who share it. Before it asks further
 * down it looks again: between the first look and the moment a call may begin, another call for the
 * same may have ended.
 */
public final class MemoryKeeper implements CompletionService {
  private final MemoryStore store;
  private final Observer observer;
  private final CompletionService next;

  /** A stage over the store that {@link MemoryCache} serves from. */
  public MemoryKeeper(MemoryStore store, Observer observer, CompletionService next) {
    this.store = store;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    if (!(request.sharing() instanceof Sharing.Shareable shareable)) {
      return next.complete(request);
    }
    if (!request.directives().noCache()) {
      Future<Completion> kept = store.find(shareable.fingerprint(), request);
      if (kept != null) {
        return kept;
      }
    }
    return next.complete(request)
        .onSuccess(answer -> answer.entry().onSuccess(entry -> keep(request, entry)));
  }

  private void keep(CompletionRequest request, Entry entry) {
    keep(entry);
    request.division().entries(entry).forEach(this::keep);
  }

  private void keep(Entry entry) {
    store
        .put(entry)
        .ifPresentOrElse(this::dropped, () -> observer.stored(Source.MEMORY, entry.weight()));
  }

  private void dropped(Unkept why) {
    observer.storeDropped(Source.MEMORY);
    observer.notKept(why);
  }
}
