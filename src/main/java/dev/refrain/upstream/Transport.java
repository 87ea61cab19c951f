package dev.refrain.upstream;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ProxyOptions;
import java.util.function.Supplier;

/**
 * Connection settings of a server, besides its address.
 *
 * @param proxy what lies on the way, or null
 * @param tls certificates and how much is checked, as they are now; the same object for as long as
 *     nothing changes. Asked on every event loop, before every call
 * @param serverName the name asked for and to be proven in place of the address's host, or null
 * @param headerFilter which header fields travel
 * @param headerSize bytes that the header fields of an answer may have
 */
public record Transport(
    ProxyOptions proxy,
    Supplier<ClientSSLOptions> tls,
    String serverName,
    HeaderFilter headerFilter,
    int headerSize) {
  private static final int HEADER_SIZE = 32 * 1024;
  private static final ClientSSLOptions PLATFORM =
      new ClientSSLOptions().setHostnameVerificationAlgorithm("HTTPS");

  /** Straight, trusting whom the platform trusts; all headers travel. */
  public static final Transport DIRECT =
      new Transport(null, () -> PLATFORM, null, HeaderFilter.ALL, HEADER_SIZE);
}
