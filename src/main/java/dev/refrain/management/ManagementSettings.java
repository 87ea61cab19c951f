package dev.refrain.management;

import java.util.Objects;

/**
 * Where the management door is.
 *
 * @param host the address to listen at
 * @param port the port, or 0 for any that is free
 */
public record ManagementSettings(String host, int port) {
  private static final int MAX_PORT = 65_535;

  /** Refuses what cannot be listened at. */
  public ManagementSettings {
    Objects.requireNonNull(host, "host");
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("port: " + port + " (expected: 0-65535)");
    }
  }
}
