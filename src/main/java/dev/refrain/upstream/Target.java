package dev.refrain.upstream;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * A completion server and how it is to be called.
 *
 * @param name for metrics and logs
 * @param url scheme, host, port and base path, without a trailing {@code /} or {@code /v1}
 * @param models globs of the models it serves ({@code *} and {@code ?}); empty means all
 * @param apiKey put in place of the caller's credential, or null to forward that
 * @param connectTimeout until a connection is there, waiting for a free one included
 * @param firstByteTimeout from the request sent to the first byte of the answer's body
 * @param idleTimeout between two reads of the body
 * @param totalTimeout for all of it
 * @param connections most calls at once, over all event loops
 * @param waiting most calls that wait for one of them to end, likewise
 */
public record Target(
    String name,
    URI url,
    List<String> models,
    String apiKey,
    Duration connectTimeout,
    Duration firstByteTimeout,
    Duration idleTimeout,
    Duration totalTimeout,
    int connections,
    int waiting) {

  /** Whether it is spoken to over TLS. */
  public boolean tls() {
    return url.getScheme().equalsIgnoreCase("https");
  }

  /** Its name or address. */
  public String host() {
    return url.getHost();
  }

  /** Its port, as written or as its scheme says. */
  public int port() {
    if (url.getPort() >= 0) {
      return url.getPort();
    }
    return tls() ? 443 : 80;
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "Target[" + name + "]";
  }
}
