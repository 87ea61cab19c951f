package dev.refrain.flight;

import dev.refrain.inference.Directives;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.FlightOutcome;
import dev.refrain.inference.RequestListener.Step;
import dev.refrain.inference.Sharing;
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
public final class Coalescer implements InferenceService {
  private final Loop loop;
  private final FlightTable table;
  private final Observer observer;
  private final InferenceService next;

  /** A stage for the event loop that calls this, whose context is given. */
  public Coalescer(Context context, FlightTable table, Observer observer, InferenceService next) {
    this.loop = new Loop(context, Thread.currentThread());
    this.table = table;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request) {
    if (!(request.sharing() instanceof Sharing.Shareable shareable)
        || request.directives().noCache()
        || table.isUnshareable(shareable.fingerprint())) {
      return next.respond(request);
    }
    Flight flight = joinable(shareable.fingerprint());
    if (flight != null && flight.isYoungEnough(request.directives())) {
      return join(flight, request);
    }
    if (request.directives().onlyIfCached()) {
      return next.respond(request);
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
      observer.flightCompleted(FlightOutcome.OVERDUE);
    }
  }

  // Anew, or further down it would be led back to the very call that is too old for it.
  private Future<InferenceResponse> overtake(
      Flight old, Sharing.Shareable shareable, InferenceRequest request) {
    close(old);
    Directives anew = new Directives(true, request.directives().maxAge(), false);
    return begin(shareable, request.with(anew));
  }

  private Future<InferenceResponse> begin(Sharing.Shareable shareable, InferenceRequest request) {
    if (table.isFull()) {
      observer.bypassed(Sharing.Reason.BUSY);
      return next.respond(request.with(new Sharing.Unshareable(Sharing.Reason.BUSY)));
    }
    Flight flight = new Flight(shareable, request.model(), loop, table, observer);
    Flight other = table.enter(flight);
    if (other != null) {
      return join(other, request);
    }
    Waiter first = new Waiter(request, loop, next, true);
    flight.join(first);
    flight.start(next, request);
    return first.answer();
  }

  private Future<InferenceResponse> join(Flight flight, InferenceRequest request) {
    observer.collapsed();
    request.listener().step(Step.JOINED);
    Waiter waiter = new Waiter(request, loop, next, false);
    flight.run(() -> flight.join(waiter));
    return waiter.answer();
  }
}
