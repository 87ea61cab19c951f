package dev.refrain.http;

import java.time.Duration;
import java.util.Set;

/**
 * Limits for clients of the public port.
 *
 * @param requestLine longest target of a request, in bytes
 * @param headerCount most header fields of a request
 * @param headerTimeout longest wait for the first request of a connection
 * @param keepAliveTimeout how long a connection may stay without a request under way
 * @param deny names of header fields dropped from requests, in lower case
 * @param hide names of header fields dropped from answers, in lower case
 */
public record ServerSettings(
    int requestLine,
    int headerCount,
    Duration headerTimeout,
    Duration keepAliveTimeout,
    Set<String> deny,
    Set<String> hide) {

  /** Copies what it is given. */
  public ServerSettings {
    deny = Set.copyOf(deny);
    hide = Set.copyOf(hide);
  }
}
