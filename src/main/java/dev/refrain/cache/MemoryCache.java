package dev.refrain.cache;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Journey.Step;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Observer.Lookup;
import dev.refrain.completion.Sharing;
import dev.refrain.completion.Source;
import io.vertx.core.Future;

/**
 * Serves what is in memory; {@link MemoryKeeper}, further down, puts it there. A hit returns a
 * future made long ago; nothing is copied, parsed or allocated for it.
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
    return kept != null ? kept : next.complete(request);
  }

  private Future<Completion> lookUp(Fingerprint fingerprint, CompletionRequest request) {
    if (request.directives().noCache()) {
      return null;
    }
    long begin = System.nanoTime();
    Future<Completion> found = store.find(fingerprint, request);
    Lookup result = found == null ? Lookup.MISS : Lookup.HIT;
    observer.lookedUp(Source.MEMORY, result, System.nanoTime() - begin);
    request.journey().step(found == null ? Step.NOT_IN_MEMORY : Step.IN_MEMORY);
    return found;
  }
}
