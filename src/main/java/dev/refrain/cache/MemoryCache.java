package dev.refrain.cache;

import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.Lookup;
import dev.refrain.inference.RequestListener.Step;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Source;
import io.vertx.core.Future;

/**
 * Serves hits from memory. {@link MemoryWriter}, a later stage, stores the entries. A hit returns a
 * future made long ago; nothing is copied, parsed or allocated for it.
 */
public final class MemoryCache implements SharedService {
  private final MemoryStore store;
  private final Observer observer;
  private final SharedService next;

  /** A stage over a store that all event loops share. */
  public MemoryCache(MemoryStore store, Observer observer, SharedService next) {
    this.store = store;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    Future<InferenceResponse> kept = lookUp(key.fingerprint(), request);
    return kept != null ? kept : next.respond(request, key);
  }

  private Future<InferenceResponse> lookUp(Fingerprint fingerprint, InferenceRequest request) {
    if (request.directives().noCache()) {
      return null;
    }
    long begin = System.nanoTime();
    Future<InferenceResponse> found = store.find(fingerprint, request);
    Lookup result = found == null ? Lookup.MISS : Lookup.HIT;
    String rule = request.directives().policy().rule();
    observer.lookedUp(
        request.language().endpoint(), Source.MEMORY, result, rule, System.nanoTime() - begin);
    request.listener().step(found == null ? Step.NOT_IN_MEMORY : Step.IN_MEMORY);
    return found;
  }
}
