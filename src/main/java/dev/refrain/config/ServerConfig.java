package dev.refrain.config;

import dev.refrain.settings.Check;
import dev.refrain.settings.Size;
import java.time.Duration;
import java.util.List;

/**
 * Section {@code server}: the public port.
 *
 * @param host address to listen on
 * @param port TCP port; 0 is any free one
 * @param eventLoops threads; 0 is one per core
 * @param connections at once, over all event loops
 * @param h2c whether HTTP/2 is accepted without TLS
 * @param streams requests at once on one HTTP/2 connection
 * @param requestLine the longest request line, path and query included
 * @param headerSize most bytes of the header fields of a request together
 * @param headerCount most header fields of a request
 * @param headerTimeout longest wait for a request on a new connection
 * @param bodyIdleTimeout longest silence within a body
 * @param bodyTimeout longest wait for a whole body
 * @param sendTimeout longest time in which a client reads nothing of an answer
 * @param keepAliveTimeout how long a connection may stay without a request
 * @param cors whether pages of other origins may read answers that Refrain makes itself
 * @param headers header fields that are removed
 * @param tls encryption
 * @param warmUp how long requests of its own warm the proxy up before the port opens
 * @param drain shutdown of the port
 */
public record ServerConfig(
    String host,
    int port,
    int eventLoops,
    int connections,
    boolean h2c,
    int streams,
    Size requestLine,
    Size headerSize,
    int headerCount,
    Duration headerTimeout,
    Duration bodyIdleTimeout,
    Duration bodyTimeout,
    Duration sendTimeout,
    Duration keepAliveTimeout,
    boolean cors,
    Headers headers,
    Tls tls,
    Duration warmUp,
    Drain drain) {
  private static final Duration LONGEST = Duration.ofHours(24);
  private static final Duration LONGEST_WARM_UP = Duration.ofMinutes(1);
  private static final Size LARGEST = new Size(1 << 20);

  /** Checks the ranges. */
  public ServerConfig {
    Check.text("host", host);
    Check.port("port", port);
    Check.range("eventLoops", eventLoops, 0, 1024);
    Check.range("connections", connections, 1, 1_048_576);
    Check.range("streams", streams, 1, 65_536);
    Check.size("requestLine", requestLine, LARGEST);
    Check.size("headerSize", headerSize, LARGEST);
    Check.range("headerCount", headerCount, 1, 65_536);
    Check.duration("headerTimeout", headerTimeout, LONGEST);
    Check.duration("bodyIdleTimeout", bodyIdleTimeout, LONGEST);
    Check.duration("bodyTimeout", bodyTimeout, LONGEST);
    Check.duration("sendTimeout", sendTimeout, LONGEST);
    Check.duration("keepAliveTimeout", keepAliveTimeout, LONGEST);
    Check.durationOrNone("warmUp", warmUp, LONGEST_WARM_UP);
  }

  /**
   * Shutdown of the public port.
   *
   * @param delay how long requests are still accepted, while every response closes its connection
   * @param timeout how long requests in progress may then take
   */
  public record Drain(Duration delay, Duration timeout) {
    /** Checks the ranges. */
    public Drain {
      Check.durationOrNone("delay", delay, LONGEST);
      Check.durationOrNone("timeout", timeout, LONGEST);
    }
  }

  /**
   * Header fields that are removed.
   *
   * @param deny names dropped from requests, before anything reads them
   * @param hide names dropped from answers
   */
  public record Headers(List<String> deny, List<String> hide) {
    /** Checks the names. */
    public Headers {
      deny = Check.headerNames("deny", deny);
      hide = Check.headerNames("hide", hide);
    }
  }

  /**
   * TLS of the public port: PEM files, empty for none.
   *
   * @param cert certificate, with the intermediate certificates
   * @param key its private key
   * @param clientCa certificate authorities of callers; if set, each must present a certificate
   * @param reload interval at which these files, and those of upstreams, are checked
   */
  public record Tls(String cert, String key, String clientCa, Duration reload) {
    /** Checks that there is a whole identity, or none. */
    public Tls {
      cert = Check.file(cert);
      key = Check.file(key);
      clientCa = Check.file(clientCa);
      Check.pair(cert, key);
      Check.that(clientCa.isEmpty() || !cert.isEmpty(), "clientCa", "empty while there is no cert");
      Check.duration("reload", reload, LONGEST);
    }

    /** Whether the port uses TLS. */
    public boolean enabled() {
      return !cert.isEmpty();
    }
  }
}
