package dev.refrain.flight;

import dev.refrain.inference.RequestListener;
import dev.refrain.inference.Whole;

/**
 * Follows the call of a flight: its steps are those of the request that began it, and white space
 * that keeps it alive is for all waiters. On the flight's loop.
 *
 * @param first follows the request that began the flight
 */
record FlightListener(Flight flight, RequestListener first) implements RequestListener {
  @Override
  public void step(Step step, String whom) {
    first.step(step, whom);
  }

  @Override
  public void whitespace(Whole beginning) {
    flight.whitespace(beginning);
  }
}
