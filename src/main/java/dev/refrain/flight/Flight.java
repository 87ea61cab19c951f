package dev.refrain.flight;

import dev.refrain.completion.Cancellation;
import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Directives;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Frames;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Observer.Landing;
import dev.refrain.completion.Provenance;
import dev.refrain.completion.Purge;
import dev.refrain.completion.Sharing;
import dev.refrain.completion.Source;
import dev.refrain.completion.Streamed;
import dev.refrain.completion.Wait;
import dev.refrain.completion.Whole;
import io.vertx.core.Future;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One shared call. It has a cancellation of its own, so it ends when the last passenger has left,
 * not when the first does. Everything but {@link #isOverdue}, {@link #isYoungEnough}, {@link
 * #closeIf} and {@link #run} is on its loop.
 */
final class Flight {
  private final Fingerprint fingerprint;
  private final Loop loop;
  private final FlightTable table;
  private final Observer observer;
  private final Cancellation cancellation = new Cancellation();
  private final Set<Passenger> aboard = new LinkedHashSet<>();
  private final String model;
  private final long scope;
  private final long begin = System.nanoTime();
  private final long askedAt = System.currentTimeMillis();

  private Future<Completion> call;
  private Landing landed;
  private boolean over;

  /** A flight for requests like this one, which can be shared as is said. */
  Flight(
      Sharing.Shareable shareable, String model, Loop loop, FlightTable table, Observer observer) {
    this.fingerprint = shareable.fingerprint();
    this.scope = shareable.scope();
    this.model = model;
    this.loop = loop;
    this.table = table;
    this.observer = observer;
  }

  Fingerprint fingerprint() {
    return fingerprint;
  }

  /** Whether it is too old to be joined. On any thread. */
  boolean isOverdue() {
    return System.nanoTime() - begin > table.settings().maxAge().toNanos();
  }

  /** Whether what it answers is as new as is wanted, which counts from its question. Any thread. */
  boolean isYoungEnough(Directives wanted) {
    return wanted.accept(askedAt, System.currentTimeMillis());
  }

  /** Closes it if it is what was purged and began no later than then. On any thread. */
  void closeIf(Purge what, long until) {
    if (askedAt <= until && what.concerns(fingerprint, model, scope) && table.remove(this)) {
      observer.landed(Landing.PURGED);
    }
  }

  /** Runs something on the flight's loop. On any thread. */
  void run(Runnable action) {
    loop.run(action);
  }

  /** Makes the call for the first passenger's request. */
  void start(CompletionService next, CompletionRequest request) {
    call = next.complete(request.with(cancellation));
    call.onSuccess(this::answered).onFailure(this::failed);
  }

  /** Takes a passenger, who is answered as soon as there is something to answer with. */
  void board(Passenger passenger) {
    if (cancellation.isCancelled()) {
      passenger.goAlone(); // the last one left while this one was on the way
      return;
    }
    aboard.add(passenger);
    read(1);
    passenger.sit(this);
    if (call != null && call.succeeded()) {
      serve(passenger, call.result());
    } else if (call != null && call.failed()) {
      passenger.fail(call.cause());
    }
  }

  /** A passenger's request was cancelled. */
  void leave(Passenger passenger) {
    if (!aboard.remove(passenger)) {
      return;
    }
    read(-1);
    passenger.seat().cancel();
    endIfDeserted();
  }

  /** Sends a passenger on a way of its own; the call is none of its business any more. */
  private void dismiss(Passenger passenger) {
    if (aboard.remove(passenger)) {
      read(-1);
    }
    passenger.seat().cancel();
    passenger.goAlone();
    endIfDeserted();
  }

  /** So many more are in it; once the call is over nobody is. */
  private void read(int more) {
    if (!over) {
      table.readers(more);
    }
  }

  private void over() {
    read(-aboard.size());
    over = true;
  }

  private void endIfDeserted() {
    if (aboard.isEmpty() && mayEnd()) {
      land(Landing.DESERTED);
      cancellation.cancel();
    }
  }

  /** Whether nobody's leaving is reason to end the call: it may go on to be kept, if it can be. */
  private boolean mayEnd() {
    return landed == null
        ? table.settings().abandoned() == FlightSettings.Abandoned.CANCEL
        : landed == Landing.UNSHAREABLE;
  }

  private void failed(Throwable cause) {
    land(Landing.FAILED);
    List.copyOf(aboard).forEach(passenger -> passenger.fail(cause));
    over();
  }

  private void answered(Completion completion) {
    if (completion instanceof Streamed streamed) {
      streamed.entry().onSuccess(entry -> land(Landing.ANSWERED)).onFailure(this::notKept);
    } else if (!completion.head().ok()) {
      land(Landing.FAILED);
    } else if (completion.entry().succeeded()) {
      land(Landing.ANSWERED);
    } else {
      notKept(completion.entry().cause());
    }
    List.copyOf(aboard).forEach(passenger -> serve(passenger, completion));
    if (completion instanceof Streamed streamed) {
      // Somebody may wait for the end alone, so the flight itself reads, and never holds back.
      streamed
          .live()
          .open(true, cancellation)
          .ifPresentOrElse(frames -> frames.read(new Unheard(this::over)), this::over);
    } else {
      over();
    }
  }

  private void notKept(Throwable cause) {
    if (cause instanceof Failure) {
      land(Landing.FAILED);
      return;
    }
    table.markUnshareable(fingerprint);
    land(Landing.UNSHAREABLE);
    endIfDeserted(); // it went on only to be kept
  }

  /** Closes the flight to everybody who is not in it. */
  private void land(Landing landing) {
    landed = landing;
    if (table.remove(this)) {
      observer.landed(landing);
    }
  }

  private void serve(Passenger passenger, Completion completion) {
    if (completion instanceof Streamed streamed) {
      stream(passenger, streamed);
    } else if (passenger.isFirst()) {
      passenger.complete(completion);
    } else if (!completion.head().ok() && completion.provenance().tally().parts() > 1) {
      dismiss(passenger); // the refusal of a batch may be about another part of it
    } else if (!completion.head().ok()) {
      Whole error = (Whole) completion;
      Provenance flight = Provenance.flight(error.provenance().waited());
      passenger.complete(error.with(error.head().shared(), error.body()).from(flight));
    } else {
      kept(passenger, completion);
    }
  }

  private void stream(Passenger passenger, Streamed streamed) {
    CompletionRequest request = passenger.request();
    if (request.framing() == Framing.WHOLE) {
      kept(passenger, streamed);
      return;
    }
    Optional<Frames> frames = streamed.live().open(request.usage(), passenger.seat());
    if (frames.isEmpty()) {
      dismiss(passenger);
      return;
    }
    Frames own =
        passenger.home().equals(loop)
            ? frames.get()
            : new Bridge(frames.get(), loop, passenger.home(), request.cancellation());
    Provenance source = streamed.provenance();
    Provenance from = passenger.isFirst() ? source : Provenance.flight(source.waited());
    passenger.complete(
        new Streamed(
            passenger.isFirst() ? streamed.head() : streamed.head().shared(),
            own,
            streamed.live(),
            streamed.evidence(),
            from,
            streamed.entry()));
  }

  /** Answers from the entry, once there is one; who cannot be answered from it goes alone. */
  private void kept(Passenger passenger, Completion completion) {
    completion
        .entry()
        .onSuccess(entry -> render(passenger, from(passenger, completion), entry))
        .onFailure(
            cause -> {
              if (cause instanceof Failure) {
                passenger.fail(cause);
              } else {
                dismiss(passenger);
              }
            });
  }

  private static Provenance from(Passenger passenger, Completion completion) {
    Provenance source = completion.provenance();
    if (source.hit()) {
      return source;
    }
    Wait waited = source.waited();
    Wait all = completion instanceof Streamed ? waited.goingOn() : waited;
    return passenger.isFirst() && source.source() == Source.UPSTREAM
        ? Provenance.upstream(all)
        : Provenance.flight(all);
  }

  private void render(Passenger passenger, Provenance from, Entry entry) {
    entry
        .answer(passenger.request(), from)
        .ifPresentOrElse(passenger::complete, () -> dismiss(passenger));
  }
}
