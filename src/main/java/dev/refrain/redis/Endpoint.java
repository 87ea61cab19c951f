package dev.refrain.redis;

import dev.refrain.address.Authority;
import java.net.URI;

/** Address of a server. */
public record Endpoint(String host, int port) {
  private static final int USUAL_PORT = 6379;

  /** The host and the port of a URL; nothing else of it counts. */
  public static Endpoint of(URI url) {
    String host = Authority.host(url).replaceAll("[\\[\\]]", "");
    int port = Authority.port(url);
    return new Endpoint(host, port < 0 ? USUAL_PORT : port);
  }

  /**
   * Reads {@code host:port} as Redis writes it, addresses of IPv6 without brackets.
   *
   * @param otherwise the host that is meant by none
   */
  static Endpoint parse(String text, String otherwise) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon);
    return new Endpoint(
        host.isEmpty() ? otherwise : host, Integer.parseInt(text.substring(colon + 1)));
  }

  /** As a URL names it. */
  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
