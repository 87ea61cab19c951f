package dev.refrain.fanout;

import dev.refrain.completion.Cancellation;
import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Division;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Journey;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Part;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Asks for the parts of one request in their order, so many at once; the others wait for their
 * turn. Lives on one event loop.
 *
 * <p>Always true: a part whose turn has come is under way until {@link #done}, and is cancelled if
 * the request is left before; after {@link #stop} no turn comes any more.
 */
final class Turns {
  /** Hears of the parts, possibly within {@link #begin} or {@link #done}. */
  interface Listener {
    /** A part is answered, or has failed. */
    void heard(Turn turn, AsyncResult<Completion> answer);

    /** Not all of them came to an end in time. */
    void fail(Failure failure);
  }

  private final Vertx vertx;
  private final Division division;
  private final Journey journey;
  private final int atOnce;
  private final Batch batch;
  private final Observer observer;
  private final Function<Turn, Future<Completion>> ask;
  private final Listener listener;
  private final long timer;
  private final Set<Turn> underWay = new LinkedHashSet<>();

  private int begun;
  private boolean beginning;
  private boolean stopped;

  /**
   * The parts of a request.
   *
   * @param ask asks for one part
   */
  Turns(
      Vertx vertx,
      FanOutSettings settings,
      Observer observer,
      CompletionRequest request,
      Function<Turn, Future<Completion>> ask,
      Listener listener) {
    this.vertx = vertx;
    this.division = request.division();
    this.journey = request.journey();
    // A batch can be sent when all of its parts are accounted for, so none of them may wait.
    boolean batched = division.batched() && request.framing() == Framing.WHOLE;
    this.batch = batched ? new Batch(vertx, request, settings.batchWait(), observer) : null;
    this.atOnce = batched ? division.parts() : settings.concurrency();
    this.observer = observer;
    this.ask = ask;
    this.listener = listener;
    this.timer = vertx.setTimer(settings.timeout().toMillis(), id -> overdue(settings));
    observer.waiting(division.parts());
    request.cancellation().onCancel(this::cancel);
  }

  private void overdue(FanOutSettings settings) {
    String message =
        "not all of the "
            + division.parts()
            + " parts were answered within "
            + settings.timeout().toSeconds()
            + " s";
    listener.fail(Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, message));
  }

  /** Begins as many as may be under way. */
  void begin() {
    if (beginning) {
      return; // a part that is done at once makes room for the loop already running
    }
    beginning = true;
    while (!stopped && begun < division.parts() && underWay.size() < atOnce) {
      begin(begun++);
    }
    beginning = false;
  }

  private void begin(int number) {
    observer.waiting(-1);
    Part part = division.part(number, new Cancellation()).followedBy(journey);
    Turn turn = new Turn(number, batch == null ? part : batch.member(number, part));
    underWay.add(turn);
    answer(turn).onComplete(answer -> heard(turn, answer));
  }

  private Future<Completion> answer(Turn turn) {
    try {
      return ask.apply(turn);
    } catch (RuntimeException defect) { // the other parts must hear of it
      return Future.failedFuture(defect);
    }
  }

  private void heard(Turn turn, AsyncResult<Completion> answer) {
    if (batch != null) {
      batch.account(turn.number());
    }
    if (underWay.contains(turn)) {
      listener.heard(turn, answer);
    }
  }

  /** The part has come to its end. Another's turn may come within this call. */
  void done(Turn turn) {
    underWay.remove(turn);
    begin();
    if (over()) {
      vertx.cancelTimer(timer);
    }
  }

  /** Whether nothing is under way and nothing will be. */
  boolean over() {
    return underWay.isEmpty() && (stopped || begun == division.parts());
  }

  /** Begins nothing any more. */
  void stop() {
    if (!stopped) {
      stopped = true;
      observer.waiting(begun - division.parts());
    }
  }

  /** Begins nothing any more, and ends what is under way. */
  void cancel() {
    stop();
    vertx.cancelTimer(timer);
    List<Turn> left = new ArrayList<>(underWay);
    underWay.clear();
    left.forEach(turn -> turn.cancellation().cancel());
  }
}
