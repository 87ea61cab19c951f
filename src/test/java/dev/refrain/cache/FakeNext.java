package dev.refrain.cache;

import dev.refrain.inference.Entry;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** The next stage: answers at once with {@link #body}, and lets it be kept if it may be shared. */
public final class FakeNext implements InferenceService, SharedService {
  public final AtomicInteger calls = new AtomicInteger();
  private final LongSupplier clock;
  public volatile String body = "fresh";
  public volatile Throwable failure;

  /** One that dates answers by this clock. */
  public FakeNext(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    return respond(request);
  }

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
            Buffer.buffer(body),
            clock.getAsLong());
    Future<Entry> kept = shareable ? Future.succeededFuture(entry) : Entry.none();
    return Future.succeededFuture(Whole.notStorable(entry.head(), entry.body()).with(kept));
  }
}
