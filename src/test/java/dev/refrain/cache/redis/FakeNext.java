package dev.refrain.cache.redis;

import dev.refrain.inference.Entry;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** The next stage: answers at once with {@link #body}, and lets it be kept if it may be shared. */
final class FakeNext implements InferenceService {
  final AtomicInteger calls = new AtomicInteger();
  volatile String body = "fresh";
  volatile Throwable failure;

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request) {
    calls.incrementAndGet();
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    boolean shareable = request.sharing() instanceof Sharing.Shareable;
    Entry entry =
        Entries.entry(
            shareable
                ? ((Sharing.Shareable) request.sharing()).fingerprint()
                : Entries.fingerprint(0),
            body);
    Future<Entry> kept = shareable ? Future.succeededFuture(entry) : Entry.none();
    return Future.succeededFuture(Whole.notStorable(entry.head(), entry.body()).with(kept));
  }
}
