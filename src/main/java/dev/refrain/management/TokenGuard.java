package dev.refrain.management;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;

/**
 * Lets those pass who carry the token (RFC 6750 §2.1), and no page of another origin that a browser
 * shows beside this one (RFC 6454 §7): browsers send what such a page posts without asking first.
 * Compares in a time that tells nothing of the token.
 */
final class TokenGuard implements Handler<RoutingContext> {
  private static final Failure STOP =
      Failure.of(Kind.UNAUTHORIZED, "expected: Authorization: Bearer and the management token");
  private static final Failure STRANGE =
      Failure.of(Kind.FORBIDDEN, "a page of another origin gives no orders here");
  private static final String SCHEME = "bearer ";

  private final byte[] token;

  /** A keeper who lets everybody pass if {@code token} is null. */
  TokenGuard(String token) {
    this.token = token == null ? null : bytes(token);
  }

  @Override
  public void handle(RoutingContext context) {
    if (isOfAnotherOrigin(context.request())) {
      ErrorPage.send(context, STRANGE);
      return;
    }
    if (token == null || carries(context.request().getHeader(HttpHeaders.AUTHORIZATION))) {
      context.next();
      return;
    }
    context.response().putHeader("WWW-Authenticate", "Bearer");
    ErrorPage.send(context, STOP);
  }

  // By the authority alone: who ends TLS before us is one scheme to the browser, and another to us.
  private static boolean isOfAnotherOrigin(HttpServerRequest request) {
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
}
