package dev.refrain.testing;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** The next stage, played by hand: answers what it was told to, else waits to be told. */
public final class FakeNext implements CompletionService {
  private final List<CompletionRequest> requests = new ArrayList<>();
  private final Queue<Future<Completion>> scripted = new ArrayDeque<>();
  private final Queue<Promise<Completion>> waiting = new ArrayDeque<>();

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    requests.add(request);
    if (!scripted.isEmpty()) {
      return scripted.remove();
    }
    Promise<Completion> promise = Promise.promise();
    waiting.add(promise);
    return promise.future();
  }

  /** Answers the oldest call that waits, or else the next one to come. */
  public FakeNext answer(Completion completion) {
    if (waiting.isEmpty()) {
      scripted.add(Future.succeededFuture(completion));
    } else {
      waiting.remove().complete(completion);
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
  public List<CompletionRequest> requests() {
    return List.copyOf(requests);
  }

  /** The only request that came. */
  public CompletionRequest request() {
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
