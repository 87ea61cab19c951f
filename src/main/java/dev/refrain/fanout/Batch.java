package dev.refrain.fanout;

import dev.refrain.completion.Cancellation;
import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Division;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Journey;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Part;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The parts of one request that no cache and no call under way can answer, gathered until every
 * part is accounted for and then sent upstream together.
 *
 * <p>A part is accounted for when it was answered, when it waits for another request's call, or
 * when it has arrived at the {@link BatchCall} stage. A part that arrives after the batch was sent
 * is sent alone. Lives on one event loop.
 *
 * <p>Always true: the batch is sent once, at the latest {@code maxWait} after its first arrival;
 * every part that arrived gets an answer or a failure.
 */
final class Batch {
  private final Vertx vertx;
  private final Division division;
  private final Journey journey;
  private final Duration maxWait;
  private final Observer observer;
  private final BitSet unaccounted = new BitSet();
  private final Map<Integer, BatchedPart> arrived = new TreeMap<>();
  private CompletionService next;
  private boolean sent;
  private long timer = -1;

  /** A batch of the parts of a request, none of which is accounted for. */
  Batch(Vertx vertx, CompletionRequest request, Duration maxWait, Observer observer) {
    this.vertx = vertx;
    this.division = request.division();
    this.journey = request.journey();
    this.maxWait = maxWait;
    this.observer = observer;
    unaccounted.set(0, division.parts());
  }

  /** The part as it is sent down the pipeline, so that the batch sees what becomes of it. */
  Part member(int number, Part part) {
    CompletionRequest request = part.request();
    CompletionRequest member =
        request
            .withContent(new BatchedContent(this, number, request.content()))
            .with(new BatchedJourney(this, number, request.journey()));
    return new Part(member, part.group(), part.first(), part.copies());
  }

  /** A part has reached the stage above the upstream call. */
  Future<Completion> arrive(int number, CompletionRequest request, CompletionService stage) {
    if (sent || arrived.containsKey(number)) { // late, or the refresh behind a stale answer
      return stage.complete(request);
    }
    next = stage;
    BatchedPart part = new BatchedPart(request);
    arrived.put(number, part);
    if (timer < 0) {
      timer = vertx.setTimer(maxWait.toMillis(), id -> send());
    }
    account(number);
    return part.answer();
  }

  /** The part needs no call, or is among those that arrived. */
  void account(int part) {
    unaccounted.clear(part);
    if (unaccounted.isEmpty()) {
      send();
    }
  }

  private void send() {
    if (sent) {
      return;
    }
    sent = true;
    vertx.cancelTimer(timer);
    arrived.values().removeIf(BatchedPart::isCancelled);
    if (!arrived.isEmpty()) {
      division.batches(List.copyOf(arrived.keySet())).forEach(this::send);
    }
    arrived.clear();
  }

  private void send(List<Integer> numbers) {
    List<BatchedPart> parts = numbers.stream().map(arrived::get).toList();
    if (parts.size() == 1) {
      parts.get(0).passTo(next);
      return;
    }
    observer.batched(parts.size());
    Cancellation cancellation = new Cancellation();
    BatchedPart.cancelWhenAllLeft(parts, cancellation);
    CompletionRequest together = division.batch(numbers, cancellation).with(journey);
    answer(together)
        .map(answer -> BatchAnswer.of(answer, together, parts))
        .onSuccess(answers -> deliver(parts, answers))
        .onFailure(cause -> parts.forEach(part -> part.fail(cause)));
  }

  private Future<Completion> answer(CompletionRequest together) {
    try {
      return next.complete(together);
    } catch (RuntimeException defect) { // each part must end
      return Future.failedFuture(Failure.from(defect));
    }
  }

  private static void deliver(List<BatchedPart> parts, List<? extends Completion> answers) {
    for (int i = 0; i < parts.size(); i++) {
      parts.get(i).complete(answers.get(i));
    }
  }
}
