package dev.refrain.fanout;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Whole;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * An answer to be made when all parts are answered. The first refusal or failure of a part is the
 * whole request's. Lives on one event loop.
 */
final class Gathering implements Turns.Listener {
  private final Function<List<Answered>, Future<Completion>> make;
  private final Turns turns;
  private final Refusal refusal;
  private final Answered[] answers;
  private final long maxBytes;
  private final Promise<Completion> answer = Promise.promise();
  private long bytes;

  /**
   * A gathering that has not begun.
   *
   * @param make makes the answer of those of the parts, in their order; may throw a {@link Failure}
   */
  Gathering(
      Vertx vertx,
      FanOutSettings settings,
      Observer observer,
      CompletionRequest request,
      Function<Turn, Future<Completion>> ask,
      Function<List<Answered>, Future<Completion>> make) {
    this.make = make;
    this.turns = new Turns(vertx, settings, observer, request, ask, this);
    this.refusal = new Refusal(vertx, settings.patience(), turns, this::refuse);
    this.answers = new Answered[request.division().parts()];
    this.maxBytes = settings.maxAnswer();
    request.cancellation().onCancel(this::leave);
  }

  /** Asks for all of them. Called once. */
  Future<Completion> answer() {
    turns.begin();
    return answer.future();
  }

  @Override
  public void fail(Failure failure) {
    turns.cancel();
    leave();
    answer.tryFail(failure);
  }

  private void refuse(Whole refused) {
    leave();
    answer.tryComplete(refused);
  }

  // An answer may be a stream still being written, which nobody will read now.
  private void leave() {
    for (Answered answered : answers) {
      if (answered != null) {
        answered.turn().cancellation().cancel();
      }
    }
  }

  @Override
  public void heard(Turn turn, AsyncResult<Completion> result) {
    if (result.failed()) {
      fail(Failure.from(result.cause()));
    } else if (!result.result().head().ok() && result.result() instanceof Whole refused) {
      refusal.add(turn, refused);
    } else if (refusal.begun()) {
      refusal.ended(turn);
    } else {
      add(turn, result.result());
    }
  }

  private void add(Turn turn, Completion completion) {
    answers[turn.number()] = new Answered(turn, completion);
    bytes += completion instanceof Whole whole ? whole.body().length() : 0;
    if (bytes > maxBytes) {
      String message = "the parts of the answer have over " + maxBytes + " bytes together";
      fail(Failure.of(Failure.Kind.UPSTREAM_BROKEN, message));
      return;
    }
    turns.done(turn);
    if (turns.over() && !answer.future().isComplete()) {
      finish();
    }
  }

  private void finish() {
    try {
      make.apply(Arrays.asList(answers)).onComplete(answer);
    } catch (RuntimeException failure) {
      answer.fail(failure);
    }
  }
}
