package dev.refrain.management;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Authorizes requests by the management token (RFC 6750 §2.1) and rejects those from pages of other
 * origins. No page of another origin passes (RFC 6454 §7): browsers send what such a page posts
 * without asking first. Compares in constant time.
 */
final class TokenGuard implements Handler<RoutingContext> {
  private static final Failure STOP =
      Failure.of(Kind.UNAUTHORIZED, "expected: Authorization: Bearer and the management token");
  private static final Failure STRANGE =
      Failure.of(Kind.FORBIDDEN, "requests from pages of another origin are not allowed");
  private static final Failure FAR =
      Failure.of(
          Kind.FORBIDDEN,
          "without management.token orders are taken from this machine alone, asked by the name"
              + " localhost or a loopback address");
  private static final String SCHEME = "bearer ";

  private final byte[] token;

  /** A guard; {@code token} is null if there is none. */
  TokenGuard(String token) {
    this.token = token == null ? null : bytes(token);
  }

  @Override
  public void handle(RoutingContext context) {
    Failure refusal = refusal(context.request());
    if (refusal == null) {
      context.next();
      return;
    }
    if (refusal == STOP) {
      context.response().putHeader("WWW-Authenticate", "Bearer");
    }
    ErrorPage.send(context, refusal);
  }

  private Failure refusal(HttpServerRequest request) {
    if (isOfAnotherOrigin(request)) {
      return STRANGE;
    }
    if (token == null) {
      return LocalCaller.sent(request) ? null : FAR;
    }
    return carries(request.getHeader(HttpHeaders.AUTHORIZATION)) ? null : STOP;
  }

  /** Whether a request may read the configuration: with the token, or from this machine. */
  boolean mayRead(HttpServerRequest request) {
    boolean carries = token != null && carries(request.getHeader(HttpHeaders.AUTHORIZATION));
    return carries || !isOfAnotherOrigin(request) && LocalCaller.sent(request);
  }

  // By the authority alone where the browser does not say: who ends TLS before us is one scheme to
  // the browser, and another to us.
  static boolean isOfAnotherOrigin(HttpServerRequest request) {
    String site = request.getHeader("sec-fetch-site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return true;
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    HostAndPort here = request.authority();
    return origin != null
        && (here == null || !origin.replaceFirst("^\\w+://", "").equalsIgnoreCase(here.toString()));
  }

  private boolean carries(String authorization) {
    if (authorization == null || !authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      return false;
    }
    return MessageDigest.isEqual(token, bytes(authorization.substring(SCHEME.length()).trim()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Whether a request comes from this machine and knows it. The name it asks for counts as well: a
   * page whose own name was made to resolve to this machine (DNS rebinding) asks for that name,
   * which for its browser is the same origin. What a proxy passed on comes from elsewhere.
   *
   * <p>Source: RFC 6761 §6.3 (localhost), RFC 1122 §3.2.1.3, RFC 4291 §2.5.3. Pure functions.
   */
  static final class LocalCaller {
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
}
