package dev.refrain.fanout;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Part;
import dev.refrain.inference.Split;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Runs the parts of one request in order, with bounded concurrency. Lives on one event loop.
 *
 * <p>Always true: a part whose turn has come is under way until {@link #done}, and is cancelled if
 * the request is left before; after {@link #stop} no turn comes any more.
 */
final class PartScheduler {
  /** Receives the results of parts, possibly within {@link #begin} or {@link #done}. */
  interface Listener {
    /** A part is answered, or has failed. */
    void received(RunningPart part, AsyncResult<InferenceResponse> answer);

    /** Not all of them came to an end in time. */
    void fail(Failure failure);
  }

  /** Parts of a batch that begin in one turn of the event loop; most are answered from memory. */
  private static final int IN_A_TURN = 128;

  private final Vertx vertx;
  private final Split split;
  private final InferenceRequest request;
  private final int atOnce;
  private final Batch batch;
  private final Observer observer;
  private final Function<RunningPart, Future<InferenceResponse>> ask;
  private final Listener listener;
  private final long timer;
  private final Set<RunningPart> underWay = new LinkedHashSet<>();

  private int begun;
  private boolean beginning;
  private boolean stopped;

  /**
   * The parts of a request.
   *
   * @param ask starts one part
   */
  PartScheduler(
      Vertx vertx,
      FanOutSettings settings,
      Observer observer,
      InferenceRequest request,
      Function<RunningPart, Future<InferenceResponse>> ask,
      Listener listener) {
    this.vertx = vertx;
    this.split = request.split();
    this.request = request;
    boolean batched = split.batched() && request.framing() == Framing.WHOLE;
    this.batch = batched ? new Batch(vertx, request, settings, observer, this::begin) : null;
    this.atOnce = settings.concurrency();
    this.observer = observer;
    this.ask = ask;
    this.listener = listener;
    this.timer = vertx.setTimer(settings.timeout().toMillis(), id -> overdue(settings));
    observer.waiting(split.parts());
    request.cancellation().onCancel(this::cancel);
  }

  private void overdue(FanOutSettings settings) {
    String message =
        "not all of the "
            + split.parts()
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
    int last = batch == null ? Integer.MAX_VALUE : begun + IN_A_TURN;
    try {
      while (!stopped && begun < Math.min(split.parts(), last) && mayBegin()) {
        begin(begun++);
      }
    } catch (RuntimeException defect) { // else no turn would come any more
      beginning = false;
      listener.fail(Failure.from(defect));
      return;
    }
    beginning = begun == last && begun < split.parts();
    if (beginning) {
      vertx.runOnContext(v -> beginMore());
    }
  }

  private void beginMore() {
    beginning = false;
    begin();
  }

  // A batch is sent when all of its parts are accounted for: only their lookups wait for each
  // other.
  private boolean mayBegin() {
    return batch == null ? underWay.size() < atOnce : batch.isReadyFor(begun);
  }

  private void begin(int number) {
    observer.waiting(-1);
    Part part = split.part(request, number, new Cancellation());
    RunningPart turn = new RunningPart(number, batch == null ? part : batch.member(number, part));
    underWay.add(turn);
    answer(turn).onComplete(answer -> received(turn, answer));
  }

  private Future<InferenceResponse> answer(RunningPart part) {
    try {
      return ask.apply(part);
    } catch (RuntimeException defect) { // the other parts must be notified
      return Future.failedFuture(defect);
    }
  }

  private void received(RunningPart part, AsyncResult<InferenceResponse> answer) {
    if (batch != null) {
      batch.account(part.number());
    }
    if (underWay.contains(part)) {
      listener.received(part, answer);
    }
  }

  /** The part has come to its end. Another's turn may come within this call. */
  void done(RunningPart part) {
    underWay.remove(part);
    begin();
    if (over()) {
      vertx.cancelTimer(timer);
    }
  }

  /** Whether nothing is under way and nothing will be. */
  boolean over() {
    return underWay.isEmpty() && (stopped || begun == split.parts());
  }

  /** Begins nothing any more. */
  void stop() {
    if (!stopped) {
      stopped = true;
      observer.waiting(begun - split.parts());
    }
  }

  /** Begins nothing any more, and ends what is under way. */
  void cancel() {
    stop();
    vertx.cancelTimer(timer);
    List<RunningPart> left = new ArrayList<>(underWay);
    underWay.clear();
    left.forEach(part -> part.cancellation().cancel());
  }
}
