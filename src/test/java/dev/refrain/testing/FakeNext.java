package dev.refrain.testing;

import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** The next stage, played by hand: answers what it was told to, else waits to be told. */
public final class FakeNext implements InferenceService, SharedService {
  private final List<InferenceRequest> requests = new ArrayList<>();
  private final Queue<Future<InferenceResponse>> scripted = new ArrayDeque<>();
  private final Queue<Promise<InferenceResponse>> waiting = new ArrayDeque<>();

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    return respond(request);
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request) {
    requests.add(request);
    if (!scripted.isEmpty()) {
      return scripted.remove();
    }
    Promise<InferenceResponse> promise = Promise.promise();
    waiting.add(promise);
    return promise.future();
  }

  /** Answers the oldest call that waits, or else the next one to come. */
  public FakeNext answer(InferenceResponse response) {
    if (waiting.isEmpty()) {
      scripted.add(Future.succeededFuture(response));
    } else {
      waiting.remove().complete(response);
    }
    return this;
  }

  /** Fails the oldest call that waits, or else the next one to come. */
  public FakeNext fail(Failure failure) {
    if (waiting.isEmpty()) {
      scripted.add(Future.failedFuture(failure));
    } else {
      waiting.remove().fail(failure);
    }
    return this;
  }

  /** Every request that came. */
  public List<InferenceRequest> requests() {
    return List.copyOf(requests);
  }

  /** The only request that came. */
  public InferenceRequest request() {
    if (requests.size() != 1) {
      throw new AssertionError(requests.size() + " requests (expected: 1)");
    }
    return requests.get(0);
  }

  /** How many requests came. */
  public int calls() {
    return requests.size();
  }
}
