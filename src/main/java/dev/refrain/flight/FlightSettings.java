package dev.refrain.flight;

import dev.refrain.settings.Check;
import java.time.Duration;

/**
 * Section {@code cache.flights}: calls that equal requests share.
 *
 * @param maxFlights flights at once in this process; a request above goes for itself alone
 * @param maxAge how long a flight may be joined
 * @param hitForMiss how long a key stays marked whose answer turned out not to be shareable; its
 *     requests do not wait for each other
 * @param tail how long a call whose clients have all left may go on if each of its choices has
 *     ended well, so that its answer can be stored; zero for not at all
 */
public record FlightSettings(int maxFlights, Duration maxAge, Duration hitForMiss, Duration tail) {
  /** Checks the ranges. */
  public FlightSettings {
    Check.range("maxFlights", maxFlights, 1, 1_048_576);
    Check.duration("maxAge", maxAge, Duration.ofDays(1));
    Check.duration("hitForMiss", hitForMiss, Duration.ofDays(1));
    Check.durationOrNone("tail", tail, Duration.ofMinutes(1));
  }

  /** Policy for a call whose clients have all left. */
  public enum Abandoned {
    /** It is ended: what is not wanted is not paid for. */
    CANCEL,
    /** It goes on, so that its answer can be kept. */
    FINISH
  }
}
