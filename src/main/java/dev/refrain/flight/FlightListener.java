package dev.refrain.flight;

import dev.refrain.inference.RequestListener;
import dev.refrain.inference.Tokens;
import dev.refrain.inference.Whole;

/**
 * Follows the call of a flight: its steps and its cost are those of the request that began it,
 * white space that keeps it alive is for all waiters. On the flight's loop.
 *
 * @param first follows the request that began the flight
 */
record FlightListener(Flight flight, RequestListener first) implements RequestListener {
  @Override
  public void step(Step step, String whom) {
    first.step(step, whom);
  }

  @Override
  public void paid(Tokens paid) {
    first.paid(paid);
  }

  @Override
  public void whitespace(Whole beginning) {
    flight.whitespace(beginning);
  }

  @Override
  public String tenant() {
    return first.tenant();
  }
}
