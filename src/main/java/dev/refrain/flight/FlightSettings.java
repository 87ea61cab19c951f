package dev.refrain.flight;

import java.time.Duration;

/**
 * Bounds of sharing.
 *
 * @param maxFlights flights at once in this process; a request above goes for itself alone
 * @param maxAge how long a flight may be joined
 * @param hitForMiss how long a key stays marked whose answer turned out not to be shareable; its
 *     requests do not wait for each other
 * @param tail how long a call whose clients have all left may go on if each of its choices has
 *     ended well, so that its answer can be stored; zero for not at all
 * @param abandoned policy for a call whose clients have all left
 */
public record FlightSettings(
    int maxFlights, Duration maxAge, Duration hitForMiss, Duration tail, Abandoned abandoned) {

  /** Policy for a call whose clients have all left. */
  public enum Abandoned {
    /** It is ended: what is not wanted is not paid for. */
    CANCEL,
    /** It goes on, so that its answer can be kept. */
    FINISH
  }
}
