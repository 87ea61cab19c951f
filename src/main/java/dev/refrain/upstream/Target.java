package dev.refrain.upstream;

import dev.refrain.address.Authority;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

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
 * @param transport how it is reached, beside its address
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
    int waiting,
    Transport transport) {

  /** Whether it is called over TLS. */
  public boolean tls() {
    return url.getScheme().equalsIgnoreCase("https");
  }

  /** Its name or address. */
  public String host() {
    return Authority.host(url);
  }

  /** Its port, as written or as its scheme says. */
  public int port() {
    int port = Authority.port(url);
    if (port >= 0) {
      return port;
    }
    return tls() ? 443 : 80;
  }

  /** Host, and port if it is not that of the scheme: what HTTP calls it. */
  String authority() {
    return Authority.port(url) < 0 ? host() : host() + ":" + port();
  }

  /** The name that its certificate must prove. */
  String serverName() {
    return transport.serverName() == null ? host() : transport.serverName();
  }

  /** A request to it, of which method, path and headers are still to be said. */
  public RequestOptions request() {
    return new RequestOptions()
        .setSsl(tls())
        .setServer(SocketAddress.inetSocketAddress(port(), host()))
        .setHost(serverName())
        .setPort(port())
        // Bounds the wait for a free connection as well, which nothing else does.
        .setConnectTimeout(connectTimeout.toMillis());
  }

  /** The URI of a request for a path and query below its base, as it is sent. */
  String uri(String asked) {
    return sent(url.getRawPath() + asked);
  }

  /** A URI without denied parts. */
  public String sent(String uri) {
    return transport.headerFilter().target(uri);
  }

  /** Whether the credentials of callers are sent to it. */
  boolean takesCredentials() {
    return transport.headerFilter().credentials();
  }

  /**
   * Removes the denied header fields of a request, and replaces the client's key with the
   * operator's.
   */
  public void prepareRequest(MultiMap headers) {
    transport.headerFilter().request(headers);
    if (!serverName().equals(host())) {
      headers.set(HttpHeaders.HOST, authority()); // another name in TLS is none in HTTP
    }
    Credential.replace(headers, apiKey);
  }

  /** Takes from the headers of an answer what is not to be passed back. */
  public void prepareResponse(MultiMap headers) {
    transport.headerFilter().answer(headers);
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "Target[" + name + "]";
  }

  /** Puts the operator's key in the place of the caller's. */
  private static final class Credential {
    // Where callers of Azure and of some gateways put theirs; it is no business of the upstream's.
    private static final List<String> CALLERS_KEY = List.of("api-key", "x-api-key");

    private Credential() {}

    /**
     * Replaces the credential in the headers of a request about to be sent.
     *
     * @param apiKey the operator's, or null to leave the caller's as it is
     */
    public static void replace(MultiMap headers, String apiKey) {
      if (apiKey != null) {
        CALLERS_KEY.forEach(headers::remove);
        headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + apiKey);
      }
    }
  }

  /**
   * Connection settings of a server, besides its address.
   *
   * @param proxy what lies on the way, or null
   * @param tls certificates and how much is checked, as they are now; the same object for as long
   *     as nothing changes. Asked on every event loop, before every call
   * @param serverName the name its certificate must prove instead of the address's host, or null
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

    /** Direct, with the platform's certificate authorities; all header fields are forwarded. */
    public static final Transport DIRECT =
        new Transport(null, () -> PLATFORM, null, HeaderFilter.ALL, HEADER_SIZE);
  }
}
