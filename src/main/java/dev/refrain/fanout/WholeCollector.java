package dev.refrain.fanout;

import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Source;
import dev.refrain.inference.Whole;
import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.memory.Reservation;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Collects the answers of all parts and merges them into one document. The first refusal or failure
 * of a part is the whole request's. Lives on one event loop.
 */
final class WholeCollector implements PartScheduler.Listener {
  private final Function<List<AnsweredPart>, Future<InferenceResponse>> make;
  private final PartScheduler scheduler;
  private final PartError partError;
  private final AnsweredPart[] answers;
  private final long maxBytes;
  private final Reservation memory;
  private final Promise<InferenceResponse> answer = Promise.promise();
  private long bytes;
  private long kept;

  /**
   * A gathering that has not begun.
   *
   * @param make makes the answer of those of the parts, in their order; may throw a {@link Failure}
   */
  WholeCollector(
      Vertx vertx,
      FanOutSettings settings,
      Observer observer,
      InferenceRequest request,
      Function<RunningPart, Future<InferenceResponse>> ask,
      Function<List<AnsweredPart>, Future<InferenceResponse>> make) {
    this.make = make;
    this.scheduler = new PartScheduler(vertx, settings, observer, request, ask, this);
    this.partError = new PartError(vertx, settings.patience(), scheduler, this::refuse);
    this.answers = new AnsweredPart[request.split().parts()];
    this.maxBytes = settings.maxAnswer();
    this.memory = settings.memory().reserve(Use.MERGED_RESPONSES);
    request.cancellation().onCancel(this::leave);
  }

  /** Asks for all of them. Called once. */
  Future<InferenceResponse> answer() {
    scheduler.begin();
    return answer.future();
  }

  @Override
  public void fail(Failure failure) {
    scheduler.cancel();
    leave();
    answer.tryFail(failure);
  }

  /** Fails unless every part is answered already. */
  void giveUp(Failure failure) {
    if (!scheduler.over()) {
      fail(failure);
    }
  }

  private void refuse(Whole refused) {
    leave();
    answer.tryComplete(refused);
  }

  // An answer may be a stream in progress, which has no reader any more.
  private void leave() {
    memory.release();
    for (AnsweredPart answeredPart : answers) {
      if (answeredPart != null) {
        answeredPart.part().cancellation().cancel();
      }
    }
  }

  @Override
  public void received(RunningPart part, AsyncResult<InferenceResponse> result) {
    if (result.failed()) {
      fail(Failure.from(result.cause()));
    } else if (PartError.is(result.result())) {
      partError.add(part, (Whole) result.result());
    } else if (partError.begun()) {
      partError.ended(part);
    } else {
      add(part, result.result());
    }
  }

  private void add(RunningPart part, InferenceResponse response) {
    answers[part.number()] = new AnsweredPart(part, response);
    int length = response instanceof Whole whole ? whole.body().length() : 0;
    bytes += length;
    kept += response.provenance().source() == Source.MEMORY ? length : 0;
    if (bytes > maxBytes) {
      String message = "the parts of the answer have over " + maxBytes + " bytes together";
      fail(Failure.of(Failure.Kind.UPSTREAM_BROKEN, message));
      return;
    }
    if (!memory.growTo(bytes - kept)) {
      fail(Failure.of(Failure.Kind.OVERLOADED, "too much memory is in use for a merged answer"));
      return;
    }
    scheduler.done(part);
    if (scheduler.over() && !answer.future().isComplete()) {
      finish();
    }
  }

  private void finish() {
    memory.release(); // what is made of them waits for its reader, and counts there
    try {
      make.apply(Arrays.asList(answers)).onComplete(answer);
    } catch (RuntimeException failure) {
      answer.fail(failure);
    }
  }

  /** A part and its answer. */
  record AnsweredPart(RunningPart part, InferenceResponse response) {}
}
