package dev.refrain.cache;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Observer.Lookup;
import dev.refrain.completion.Sharing;
import dev.refrain.completion.Source;
import io.vertx.core.Future;

/**
 * Serves what is in memory, and keeps there what comes from further down. A hit returns a future
 * made long ago; nothing is copied, parsed or allocated for it.
 */
public final class MemoryCache implements CompletionService {
  private final MemoryStore store;
  private final Observer observer;
  private final CompletionService next;

  /** A stage over a store that all event loops share. */
  public MemoryCache(MemoryStore store, Observer observer, CompletionService next) {
    this.store = store;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    if (!(request.sharing() instanceof Sharing.Shareable shareable)) {
      return next.complete(request);
    }
    Future<Completion> kept = lookUp(shareable.fingerprint(), request);
    return kept != null ? kept : next.complete(request).onSuccess(this::keep);
  }

  private Future<Completion> lookUp(Fingerprint fingerprint, CompletionRequest request) {
    if (request.directives().noCache()) {
      return null;
    }
    long begin = System.nanoTime();
    Future<Completion> found = find(fingerprint, request);
    Lookup result = found == null ? Lookup.MISS : Lookup.HIT;
    observer.lookedUp(Source.MEMORY, result, System.nanoTime() - begin);
    return found;
  }

  private Future<Completion> find(Fingerprint fingerprint, CompletionRequest request) {
    Kept kept = store.get(fingerprint);
    if (kept == null || !request.directives().accept(kept.entry().storedAt(), store.now())) {
      return null;
    }
    Future<Completion> answer = kept.answer(request);
    return answer != null ? answer : make(kept, request);
  }

  private Future<Completion> make(Kept kept, CompletionRequest request) {
    Kept grown = kept.with(request).orElse(null);
    if (grown == null) {
      return null;
    }
    store.grown(kept, grown);
    return grown.answer(request);
  }

  private void keep(Completion completion) {
    completion.entry().onSuccess(this::keep);
  }

  private void keep(Entry entry) {
    if (store.put(entry)) {
      observer.stored(Source.MEMORY, entry.weight());
    } else {
      observer.storeDropped(Source.MEMORY);
    }
  }
}
