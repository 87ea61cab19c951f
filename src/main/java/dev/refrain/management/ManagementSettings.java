package dev.refrain.management;

import java.time.Duration;
import java.util.Objects;

/**
 * Settings of the management port.
 *
 * @param host the address to listen at
 * @param port the port, or 0 for any that is free
 * @param token what admin requests must carry, or null if they need not
 * @param connections most at once
 * @param requestTimeout longest wait for the first request of a connection, head and body
 */
public record ManagementSettings(
    String host, int port, String token, int connections, Duration requestTimeout) {
  private static final int MAX_PORT = 65_535;

  /** Refuses what cannot be listened at. */
  public ManagementSettings {
    Objects.requireNonNull(host, "host");
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("port: " + port + " (expected: 0-65535)");
    }
  }

  /** Never shows the token. */
  @Override
  public String toString() {
    return "ManagementSettings[" + host + ":" + port + "]";
  }
}
