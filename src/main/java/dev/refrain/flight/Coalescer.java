package dev.refrain.flight;

import dev.refrain.flight.LoopHandoff.Loop;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.FlightOutcome;
import dev.refrain.inference.RequestListener.Step;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Reason;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Sharing.Unshareable;
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
public final class Coalescer implements SharedService {
  private final Loop loop;
  private final FlightTable table;
  private final Observer observer;
  private final SharedService next;
  private final InferenceService direct;

  /**
   * A stage for the event loop that calls this, whose context is given.
   *
   * @param direct answers requests for which the table has no room
   */
  public Coalescer(
      Context context,
      FlightTable table,
      Observer observer,
      SharedService next,
      InferenceService direct) {
    this.loop = new Loop(context, Thread.currentThread());
    this.table = table;
    this.observer = observer;
    this.next = next;
    this.direct = direct;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    if (request.directives().noCache() || table.isUnshareable(key.fingerprint())) {
      return next.respond(request, key);
    }
    Flight flight = joinable(key.fingerprint());
    if (flight != null && flight.isYoungEnough(request.directives())) {
      return join(flight, request, key);
    }
    if (request.directives().onlyIfCached()) {
      return next.respond(request, key);
    }
    return flight == null ? begin(request, key) : overtake(flight, request, key);
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
  private Future<InferenceResponse> overtake(Flight old, InferenceRequest request, Shareable key) {
    close(old);
    return begin(request.with(request.directives().anew()), key);
  }

  private Future<InferenceResponse> begin(InferenceRequest request, Shareable key) {
    if (table.isFull()) {
      observer.bypassed(request.language().endpoint(), Reason.BUSY);
      return direct.respond(request.with(new Unshareable(Reason.BUSY)));
    }
    Flight flight = new Flight(key, request.model(), loop, table, observer);
    Flight other = table.enter(flight);
    if (other != null) {
      return join(other, request, key);
    }
    Waiter first = new Waiter(request, key, loop, next, true);
    flight.join(first);
    flight.start(next, request);
    return first.answer();
  }

  private Future<InferenceResponse> join(Flight flight, InferenceRequest request, Shareable key) {
    observer.collapsed(request.language().endpoint());
    request.listener().step(Step.JOINED);
    Waiter waiter = new Waiter(request, key, loop, next, false);
    flight.run(() -> flight.join(waiter));
    return waiter.answer();
  }
}
