package dev.refrain.flight;

import dev.refrain.flight.LoopHandoff.Loop;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Directives;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.FlightOutcome;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Purge;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Source;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.UpstreamTime;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One shared call. It has its own cancellation, so it ends when the last waiter has left, not when
 * the first does. Everything but {@link #isOverdue}, {@link #isYoungEnough}, {@link #closeIf} and
 * {@link #run} is on its loop.
 */
final class Flight {
  private final Shareable key;
  private final Loop loop;
  private final FlightTable table;
  private final Observer observer;
  private final Cancellation cancellation = new Cancellation();
  private final Set<Waiter> waiters = new LinkedHashSet<>();
  private final String model;
  private final long begin = System.nanoTime();
  private final long askedAt;

  private Future<InferenceResponse> call;
  private FlightOutcome completed;
  private boolean inTail;
  private boolean over;

  /** A flight for requests like this one, which can be shared as is said. */
  Flight(Shareable key, String model, Loop loop, FlightTable table, Observer observer) {
    this.key = key;
    this.model = model;
    this.loop = loop;
    this.table = table;
    this.askedAt = table.now();
    this.observer = observer;
  }

  Fingerprint fingerprint() {
    return key.fingerprint();
  }

  /** Whether it is too old to be joined. On any thread. */
  boolean isOverdue() {
    return System.nanoTime() - begin > table.settings().maxAge().toNanos();
  }

  /** Whether what it answers is as new as is wanted, which counts from its question. Any thread. */
  boolean isYoungEnough(Directives wanted) {
    return wanted.accept(askedAt, table.now());
  }

  /** Closes it if it is what was purged and began no later than then. On any thread. */
  void closeIf(Purge what, long until) {
    if (askedAt <= until && what.concerns(key, model) && table.remove(this)) {
      observer.flightCompleted(FlightOutcome.PURGED);
    }
  }

  /** Runs something on the flight's loop. On any thread. */
  void run(Runnable action) {
    loop.run(action);
  }

  /** Makes the call for the first waiter's request. */
  void start(SharedService next, InferenceRequest request) {
    FlightListener listener = new FlightListener(this, request.listener());
    call = next.respond(request.with(cancellation, listener), key);
    call.onSuccess(this::answered).onFailure(this::failed);
  }

  /** The upstream keeps the call alive, and so is every request alive that waits for it. */
  void whitespace(Whole beginning) {
    List.copyOf(waiters).forEach(waiter -> waiter.whitespace(beginning));
  }

  /** Adds a waiter, which is answered as soon as an answer is available. */
  void join(Waiter waiter) {
    if (cancellation.isCancelled()) {
      waiter.goAlone(); // the last one left while this one was on the way
      return;
    }
    waiters.add(waiter);
    read(1);
    waiter.join(this);
    if (call != null && call.succeeded()) {
      serve(waiter, call.result());
    } else if (call != null && call.failed()) {
      waiter.fail(call.cause());
    }
  }

  /** A waiter's request was cancelled. */
  void leave(Waiter waiter) {
    if (!waiters.remove(waiter)) {
      return;
    }
    read(-1);
    waiter.membership().cancel();
    endIfAbandoned();
  }

  /** Releases a waiter, which then makes its own call. */
  private void release(Waiter waiter) {
    if (waiters.remove(waiter)) {
      read(-1);
    }
    waiter.membership().cancel();
    waiter.goAlone();
    endIfAbandoned();
  }

  /** Counts readers. After the end of the call there are none. */
  private void read(int more) {
    if (!over) {
      table.readers(more);
    }
  }

  private void over() {
    read(-waiters.size());
    over = true;
  }

  private void endIfAbandoned() {
    if (!waiters.isEmpty() || !mayEnd()) {
      return;
    }
    long tail = table.settings().tail().toMillis();
    if (tail > 0 && isOnlyToEnd()) {
      awaitTail(tail);
    } else {
      end();
    }
  }

  private void end() {
    complete(FlightOutcome.ABANDONED);
    cancellation.cancel();
  }

  /** Whether all choices have ended well, so that only the usage and the end are missing. */
  private boolean isOnlyToEnd() {
    return completed == null
        && call != null
        && call.succeeded()
        && call.result() instanceof Streamed streamed
        && streamed.check().complete();
  }

  /** Goes on without waiters for this long, in milliseconds; until then it can be joined. */
  private void awaitTail(long tail) {
    if (!inTail) {
      inTail = true;
      loop.context().owner().setTimer(tail, id -> tailIsOver());
    }
  }

  private void tailIsOver() {
    inTail = false;
    if (waiters.isEmpty() && mayEnd()) {
      end();
    }
  }

  /**
   * Whether the call ends when no waiter is left. It may continue so that its answer is stored, if
   * that is possible.
   */
  private boolean mayEnd() {
    return completed == null
        ? table.abandoned() == FlightSettings.Abandoned.CANCEL
        : completed == FlightOutcome.UNSHAREABLE;
  }

  private void failed(Throwable cause) {
    complete(FlightOutcome.FAILED);
    List.copyOf(waiters).forEach(waiter -> waiter.fail(cause));
    over();
  }

  private void answered(InferenceResponse response) {
    if (response instanceof Streamed streamed) {
      streamed
          .entry()
          .onSuccess(entry -> complete(FlightOutcome.ANSWERED))
          .onFailure(this::notStored);
    } else if (!response.head().ok()) {
      complete(FlightOutcome.FAILED);
    } else if (response.entry().succeeded()) {
      complete(FlightOutcome.ANSWERED);
    } else {
      notStored(response.entry().cause());
    }
    List.copyOf(waiters).forEach(waiter -> serve(waiter, response));
    if (response instanceof Streamed streamed) {
      // A waiter may need only the end, so the flight itself reads, and never pauses.
      streamed
          .frames()
          .join(true, cancellation)
          .ifPresentOrElse(frames -> frames.read(new DrainReader(this::over)), this::over);
    } else {
      over();
    }
  }

  private void notStored(Throwable cause) {
    if (cause instanceof Failure) {
      complete(FlightOutcome.FAILED);
      return;
    }
    table.markUnshareable(key.fingerprint());
    complete(FlightOutcome.UNSHAREABLE);
    endIfAbandoned(); // it went on only to be kept
  }

  /** Closes the flight to further requests. */
  private void complete(FlightOutcome outcome) {
    completed = outcome;
    if (table.remove(this)) {
      observer.flightCompleted(outcome);
    }
  }

  private void serve(Waiter waiter, InferenceResponse response) {
    if (response instanceof Streamed streamed) {
      stream(waiter, streamed);
    } else if (waiter.isFirst()) {
      waiter.complete(response);
    } else if (!response.head().ok() && response.provenance().partCount().parts() > 1) {
      release(waiter); // the refusal of a batch may be about another part of it
    } else if (!response.head().ok()) {
      Whole error = (Whole) response;
      Provenance flight = Provenance.flight(error.provenance().waited());
      waiter.complete(error.with(error.head().shared(), error.body()).from(flight));
    } else {
      kept(waiter, response);
    }
  }

  private void stream(Waiter waiter, Streamed streamed) {
    InferenceRequest request = waiter.request();
    if (request.framing() == Framing.WHOLE) {
      kept(waiter, streamed);
      return;
    }
    Optional<Frames> frames = streamed.frames().join(request.usage(), waiter.membership());
    if (frames.isEmpty()) {
      release(waiter);
      return;
    }
    Frames own =
        waiter.home().equals(loop)
            ? frames.get()
            : new LoopHandoff(frames.get(), loop, waiter.home(), request.cancellation());
    Provenance source = streamed.provenance();
    Provenance from = waiter.isFirst() ? source : Provenance.flight(source.waited());
    waiter.complete(
        new Streamed(
            waiter.isFirst() ? streamed.head() : streamed.head().shared(),
            own,
            streamed.check(),
            from,
            streamed.entry()));
  }

  /** Answers from the entry once it exists; a request that it cannot answer makes its own call. */
  private void kept(Waiter waiter, InferenceResponse response) {
    response
        .entry()
        .onSuccess(entry -> render(waiter, response, entry))
        .onFailure(
            cause -> {
              if (cause instanceof Failure) {
                waiter.fail(cause);
              } else {
                release(waiter);
              }
            });
  }

  private static Provenance from(Waiter waiter, InferenceResponse response) {
    Provenance source = response.provenance();
    if (source.hit()) {
      return source;
    }
    UpstreamTime waited = source.waited();
    UpstreamTime all = response instanceof Streamed ? waited.goingOn() : waited;
    return waiter.isFirst() && source.source() == Source.UPSTREAM
        ? Provenance.upstream(all)
        : Provenance.flight(all);
  }

  private void render(Waiter waiter, InferenceResponse response, Entry entry) {
    entry
        .answer(waiter.request(), from(waiter, response))
        .map(answer -> waiter.isFirst() ? own(answer, response) : answer)
        .ifPresentOrElse(waiter::complete, () -> release(waiter));
  }

  /** The answer with the fields of the call, for the request that the call was made for. */
  private static InferenceResponse own(InferenceResponse answer, InferenceResponse response) {
    if (!(answer instanceof Whole whole) || response.provenance().source() != Source.UPSTREAM) {
      return answer;
    }
    Head own = response.head().merged().with(whole.head().contentType());
    return whole.with(own, whole.body());
  }

  /**
   * Follows the call of a flight: its steps are those of the request that began it, and white space
   * that keeps it alive is for all waiters. On the flight's loop.
   *
   * @param first follows the request that began the flight
   */
  private record FlightListener(Flight flight, RequestListener first) implements RequestListener {
    @Override
    public void step(Step step, String whom) {
      first.step(step, whom);
    }

    @Override
    public void whitespace(Whole beginning) {
      flight.whitespace(beginning);
    }
  }
}
