package dev.refrain.fanout;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Content;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Part;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.Split;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The parts of one request that no cache and no call under way can answer, gathered until every
 * part is accounted for and then sent upstream together.
 *
 * <p>A part is accounted for when it was answered, when it waits for another request's call, or
 * when it has arrived at the {@link BatchCall} stage. Parts that arrive after the batch was sent,
 * because their look-up was slow or the call they waited for has failed, are the next batch. Lives
 * on one event loop.
 *
 * <p>Always true: a batch is sent when {@code batchWait} has passed in which no part was accounted
 * for, at the latest ten times as long after its first arrival; every part that arrived gets an
 * answer or a failure.
 */
final class Batch {
  /** How long parts are gathered that arrive when every part was accounted for, in milliseconds. */
  private static final long LATE_WAIT = 10;

  private static final int MOST_WAITS = 10;

  /** Lookups of one request at once: what a shared cache answers within its time. */
  private static final int LOOKUPS = 32;

  /** Answers delivered in one turn of the event loop: a few milliseconds. */
  private static final int DELIVERIES = 64;

  private final Vertx vertx;
  private final Split split;
  private final InferenceRequest whole;
  private final FanOutSettings settings;
  private final Observer observer;
  private final Runnable onRoom;
  private final BitSet unaccounted = new BitSet();
  private int accounted;
  private final Map<Integer, BatchedPart> arrived = new TreeMap<>();
  private InferenceService next;
  private long timer = -1;
  private int waits;

  /**
   * A batch of the parts of a request, none of which is accounted for.
   *
   * @param onRoom called when another part may begin
   */
  Batch(
      Vertx vertx,
      InferenceRequest request,
      FanOutSettings settings,
      Observer observer,
      Runnable onRoom) {
    this.vertx = vertx;
    this.split = request.split();
    this.whole = request;
    this.settings = settings;
    this.observer = observer;
    this.onRoom = onRoom;
    unaccounted.set(0, split.parts());
  }

  /** How many parts the request has. */
  int parts() {
    return split.parts();
  }

  /** Whether another part may begin, where so many have begun. */
  boolean isReadyFor(int begun) {
    return begun - accounted < LOOKUPS;
  }

  /** The part as it is sent down the pipeline, so that the batch sees what becomes of it. */
  Part member(int number, Part part) {
    InferenceRequest request = part.request();
    InferenceRequest member =
        request
            .withContent(new BatchedContent(this, number, request.content()))
            .with(new BatchedListener(this, number, request.listener()));
    return new Part(member, part.group(), part.first(), part.copies());
  }

  /** A part has reached the stage above the upstream call. */
  Future<InferenceResponse> arrive(int number, InferenceRequest request, InferenceService stage) {
    if (arrived.containsKey(number)) { // the refresh behind a stale answer
      return stage.respond(request);
    }
    next = stage;
    boolean late = unaccounted.isEmpty();
    BatchedPart part = new BatchedPart(request);
    arrived.put(number, part);
    if (timer < 0) {
      waits = 0;
      gather(late ? LATE_WAIT : settings.batchWait().toMillis());
    }
    account(number);
    return part.answer();
  }

  private void gather(long millis) {
    int before = accounted;
    timer =
        vertx.setTimer(
            millis,
            id -> {
              if (accounted > before && ++waits < MOST_WAITS) {
                gather(millis);
              } else {
                send();
              }
            });
  }

  /** The part needs no call, or is among those that arrived. */
  void account(int part) {
    if (!unaccounted.get(part)) {
      return;
    }
    unaccounted.clear(part);
    accounted++;
    if (unaccounted.isEmpty()) {
      send();
    } else {
      onRoom.run();
    }
  }

  private void send() {
    vertx.cancelTimer(timer);
    timer = -1;
    Map<Integer, BatchedPart> gathered = new TreeMap<>(arrived);
    arrived.clear(); // what fails at once may arrive again
    gathered.values().removeIf(BatchedPart::isCancelled);
    if (!gathered.isEmpty()) {
      split.batches(List.copyOf(gathered.keySet())).forEach(numbers -> send(numbers, gathered));
    }
  }

  private void send(List<Integer> numbers, Map<Integer, BatchedPart> gathered) {
    List<BatchedPart> parts = numbers.stream().map(gathered::get).toList();
    if (parts.size() == 1) {
      parts.get(0).passTo(next);
      return;
    }
    observer.batched(parts.size());
    Cancellation cancellation = new Cancellation();
    BatchedPart.cancelWhenAllLeft(parts, cancellation);
    InferenceRequest together = split.batch(whole, numbers, cancellation);
    answer(together)
        .compose(answer -> FoldedStream.of(together, answer, settings.maxAnswer()))
        .compose(answer -> cut(answer, together, parts))
        .onSuccess(answers -> deliver(parts, answers, 0))
        .onFailure(cause -> parts.forEach(part -> part.fail(cause)));
  }

  private Future<List<Whole>> cut(
      InferenceResponse answer, InferenceRequest together, List<BatchedPart> parts) {
    long bytes = answer instanceof Whole whole ? whole.body().length() : 0;
    return LargeDocuments.read(vertx, bytes, () -> BatchAnswer.of(answer, together, parts));
  }

  private Future<InferenceResponse> answer(InferenceRequest together) {
    try {
      return next.respond(together);
    } catch (RuntimeException defect) { // each part must end
      return Future.failedFuture(Failure.from(defect));
    }
  }

  // Each of them is stored, published and collected within its call.
  private void deliver(
      List<BatchedPart> parts, List<? extends InferenceResponse> answers, int from) {
    int to = Math.min(parts.size(), from + DELIVERIES);
    for (int i = from; i < to; i++) {
      parts.get(i).complete(answers.get(i));
    }
    if (to < parts.size()) {
      vertx.runOnContext(v -> deliver(parts, answers, to));
    }
  }

  /**
   * Accounts for a part as soon as it waits for another request's call; every event goes on to the
   * request's own listener.
   */
  private record BatchedListener(Batch batch, int part, RequestListener next)
      implements RequestListener {
    @Override
    public void step(Step step, String whom) {
      next.step(step, whom);
      if (step == Step.JOINED || step == Step.FOLLOWED) {
        batch.account(part);
      }
    }

    @Override
    public void whitespace(Whole beginning) {
      next.whitespace(beginning);
    }
  }

  /**
   * The body of a part that may be sent together with other parts of its request. It carries the
   * batch through the stages, which know nothing of it, to {@link BatchCall}.
   *
   * @param part its number among the parts
   * @param own the body of this part alone
   */
  record BatchedContent(Batch batch, int part, Content own) implements Content {
    @Override
    public Buffer bytes(Framing framing, boolean usage) {
      return own.bytes(framing, usage);
    }

    @Override
    public int siblings() {
      return batch.parts();
    }

    @Override
    public boolean asksUsage() {
      return own.asksUsage();
    }
  }
}
