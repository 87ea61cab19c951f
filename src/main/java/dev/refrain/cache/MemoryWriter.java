package dev.refrain.cache;

import dev.refrain.inference.Entry;
import dev.refrain.inference.FieldDigests;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.NotStored;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Source;
import io.vertx.core.Future;
import java.util.function.Function;

/**
 * Stores the entries of the stages below in memory, once for all requests that share the call.
 * Before it asks further down it looks again: between the first look and the moment a call may
 * begin, another call for the same may have ended.
 */
public final class MemoryWriter implements SharedService {
  private final MemoryStore store;
  private final Function<InferenceRequest, FieldDigests> digests;
  private final Observer observer;
  private final SharedService next;

  /**
   * A stage over the store that {@link MemoryCache} serves from.
   *
   * @param digests what is stored beside the answer to a request
   */
  public MemoryWriter(
      MemoryStore store,
      Function<InferenceRequest, FieldDigests> digests,
      Observer observer,
      SharedService next) {
    this.store = store;
    this.digests = digests;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    if (!request.directives().noCache()) {
      Future<InferenceResponse> kept = store.find(key.fingerprint(), request);
      if (kept != null) {
        return kept;
      }
    }
    return next.respond(request, key)
        .onSuccess(answer -> answer.entry().onSuccess(entry -> store(request, entry)));
  }

  private void store(InferenceRequest request, Entry entry) {
    store(entry, digests.apply(request));
    request
        .split()
        .entries(request, entry)
        .forEach(part -> store(part, FieldDigests.NONE)); // those of the whole request are enough
  }

  private void store(Entry entry, FieldDigests fields) {
    store
        .put(entry, fields)
        .ifPresentOrElse(this::dropped, () -> observer.stored(Source.MEMORY, entry.weight()));
  }

  private void dropped(NotStored reason) {
    observer.storeDropped(Source.MEMORY);
    observer.notStored(reason);
  }
}
