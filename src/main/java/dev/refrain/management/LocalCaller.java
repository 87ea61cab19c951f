package dev.refrain.management;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Whether a request comes from this machine and knows it. The name it asks for counts as well: a
 * page whose own name was made to resolve to this machine (DNS rebinding) asks for that name, which
 * for its browser is the same origin. What a proxy passed on comes from elsewhere.
 *
 * <p>Source: RFC 6761 §6.3 (localhost), RFC 1122 §3.2.1.3, RFC 4291 §2.5.3. Pure functions.
 */
final class LocalCaller {
  private static final Pattern NAME =
      Pattern.compile("localhost\\.?|[a-z0-9-]+\\.localhost|127(\\.\\d{1,3}){3}|::1|\\[::1]");
  private static final List<String> PROXIED =
      List.of("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via");

  private LocalCaller() {}

  static boolean sent(HttpServerRequest request) {
    return isLoopback(request.remoteAddress())
        && isLocal(request.authority())
        && PROXIED.stream().noneMatch(request.headers()::contains);
  }

  static boolean isLoopback(SocketAddress remote) {
    if (remote == null) {
      return false;
    }
    if (remote.isDomainSocket()) {
      return true;
    }
    try {
      return InetAddress.getByName(remote.hostAddress()).isLoopbackAddress(); // looks up no name
    } catch (java.net.UnknownHostException impossible) {
      return false;
    }
  }

  static boolean isLocal(HostAndPort authority) {
    return authority != null && NAME.matcher(authority.host().toLowerCase(Locale.ROOT)).matches();
  }
}
