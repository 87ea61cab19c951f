package dev.refrain.flight;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Directives;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Journey.Step;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Observer.Landing;
import dev.refrain.completion.Sharing;
import io.vertx.core.Context;
import io.vertx.core.Future;

/**
 * Lets equal requests share one call: the first begins a flight, the others join it. One for each
 * event loop, over one table.
 *
 * <p>What does not join: {@code no-cache}, which asked for an answer of its own, {@code max-age}
 * where the call began longer ago, and a request whose key turned out not to be shareable. {@code
 * only-if-cached} joins, but begins nothing.
 */
public final class Coalescer implements CompletionService {
  private final Loop loop;
  private final FlightTable table;
  private final Observer observer;
  private final CompletionService next;

  /** A stage for the event loop that calls this, whose context is given. */
  public Coalescer(Context context, FlightTable table, Observer observer, CompletionService next) {
    this.loop = new Loop(context, Thread.currentThread());
    this.table = table;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    if (!(request.sharing() instanceof Sharing.Shareable shareable)
        || request.directives().noCache()
        || table.isUnshareable(shareable.fingerprint())) {
      return next.complete(request);
    }
    Flight flight = joinable(shareable.fingerprint());
    if (flight != null && flight.isYoungEnough(request.directives())) {
      return join(flight, request);
    }
    if (request.directives().onlyIfCached()) {
      return next.complete(request);
    }
    return flight == null ? begin(shareable, request) : overtake(flight, shareable, request);
  }

  private Flight joinable(Fingerprint fingerprint) {
    Flight flight = table.get(fingerprint);
    if (flight == null || !flight.isOverdue()) {
      return flight;
    }
    close(flight);
    return null;
  }

  private void close(Flight overdue) {
    if (table.remove(overdue)) {
      observer.landed(Landing.OVERDUE);
    }
  }

  // Anew, or further down it would be led back to the very call that is too old for it.
  private Future<Completion> overtake(
      Flight old, Sharing.Shareable shareable, CompletionRequest request) {
    close(old);
    Directives anew = new Directives(true, request.directives().maxAge(), false);
    return begin(shareable, request.with(anew));
  }

  private Future<Completion> begin(Sharing.Shareable shareable, CompletionRequest request) {
    if (table.isFull()) {
      observer.bypassed(Sharing.Reason.BUSY);
      return next.complete(request.with(new Sharing.Alone(Sharing.Reason.BUSY)));
    }
    Flight flight = new Flight(shareable, request.model(), loop, table, observer);
    Flight other = table.enter(flight);
    if (other != null) {
      return join(other, request);
    }
    Passenger first = new Passenger(request, loop, next, true);
    flight.board(first);
    flight.start(next, request);
    return first.answer();
  }

  private Future<Completion> join(Flight flight, CompletionRequest request) {
    observer.collapsed();
    request.journey().step(Step.JOINED);
    Passenger passenger = new Passenger(request, loop, next, false);
    flight.run(() -> flight.board(passenger));
    return passenger.answer();
  }
}
