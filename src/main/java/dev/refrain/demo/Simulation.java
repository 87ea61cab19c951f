package dev.refrain.demo;

import java.time.Duration;

/**
 * Settings of a {@link SimulatedUpstream}.
 *
 * @param port to listen on; 0 for any free one
 * @param host to listen on
 * @param delayPerToken how long one step takes, in which every choice that is still being written
 *     grows by one token; may be zero or a fraction of a millisecond
 */
public record Simulation(int port, String host, Duration delayPerToken) {
  /** The default interface. */
  public static final String LOOPBACK = "127.0.0.1";

  /** A simulation on a free port of the loopback interface. */
  public static Simulation of(Duration delayPerToken) {
    return new Simulation(0, LOOPBACK, delayPerToken);
  }
}
