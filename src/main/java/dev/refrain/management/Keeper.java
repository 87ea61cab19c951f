package dev.refrain.management;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Failure.Kind;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;

/**
 * Lets those pass who carry the token (RFC 6750 §2.1). Compares in a time that tells nothing of it.
 */
final class Keeper implements Handler<RoutingContext> {
  private static final Failure STOP =
      Failure.of(Kind.UNAUTHORIZED, "expected: Authorization: Bearer and the management token");
  private static final String SCHEME = "bearer ";

  private final byte[] token;

  /** A keeper who lets everybody pass if {@code token} is null. */
  Keeper(String token) {
    this.token = token == null ? null : bytes(token);
  }

  @Override
  public void handle(RoutingContext context) {
    if (token == null || carries(context.request().getHeader(HttpHeaders.AUTHORIZATION))) {
      context.next();
      return;
    }
    context.response().putHeader("WWW-Authenticate", "Bearer");
    ErrorPage.send(context, STOP);
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
