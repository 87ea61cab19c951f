package dev.refrain.cache.redis;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Sharing;
import dev.refrain.completion.Whole;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** The next stage: answers at once with {@link #body}, and lets it be kept if it may be shared. */
final class FakeNext implements CompletionService {
  final AtomicInteger calls = new AtomicInteger();
  volatile String body = "fresh";
  volatile Throwable failure;

  @Override
  public Future<Completion> complete(CompletionRequest request) {
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
    return Future.succeededFuture(Whole.unkept(entry.head(), entry.body()).with(kept));
  }
}
