package dev.refrain.cache.disk;

import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Entry;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import io.vertx.core.Future;

/**
 * Stores the entries of the stages below on disk, those from Redis among them, where {@link
 * DiskCache} finds them. No request waits for it.
 *
 * <p>Threads: used on one event loop.
 */
public final class DiskWriter implements SharedService {
  private final DiskTier tier;
  private final PurgeMarks purgeMarks;
  private final SharedService next;

  /** A stage over this tier; {@code purgeMarks} says what was purged. */
  public DiskWriter(DiskTier tier, PurgeMarks purgeMarks, SharedService next) {
    this.tier = tier;
    this.purgeMarks = purgeMarks;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    return next.respond(request, key)
        .onSuccess(answer -> answer.entry().onSuccess(entry -> store(request, entry)));
  }

  private void store(InferenceRequest request, Entry entry) {
    store(entry);
    request.split().entries(request, entry).forEach(this::store);
  }

  private void store(Entry entry) {
    if (!purgeMarks.covers(entry)) {
      tier.offer(entry);
    }
  }
}
