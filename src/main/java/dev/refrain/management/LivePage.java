package dev.refrain.management;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.function.IntSupplier;

/**
 * Serves the live page, one file, and its events ({@code text/event-stream}, HTML Living Standard
 * §9.2). The browser may run only the page's own script (Content Security Policy 3).
 *
 * <p>Lives on one event loop.
 */
final class LivePage {
  /** Half of the second within which an event must be visible. */
  private static final Duration PERIOD = Duration.ofMillis(500);

  private static final String FILE = "live.html";
  private static final Failure FOREIGN =
      Failure.of(Kind.FORBIDDEN, "requests from pages of another origin are not allowed");

  private final Buffer page;
  private final String policy;
  private final Vertx vertx;
  private final History history;
  private final IntSupplier port;
  private final LiveSubscribers liveSubscribers;
  private final long sampling;

  /**
   * A page of these figures, of which it takes samples.
   *
   * @param port the public one
   */
  LivePage(Vertx vertx, History history, IntSupplier port) {
    this.vertx = vertx;
    this.port = port;
    this.history = history;
    String text = read();
    page = Buffer.buffer(text);
    policy = policy(text);
    liveSubscribers = new LiveSubscribers(vertx, PERIOD, () -> history.now().toBuffer());
    sampling = vertx.setPeriodic(History.PERIOD, id -> sample());
  }

  private void sample() {
    vertx.executeBlocking(
        () -> {
          history.sample();
          return null;
        },
        false);
  }

  /** GET and HEAD of the page. */
  void show(RoutingContext context) {
    head(context, "text/html; charset=utf-8")
        .putHeader("Content-Security-Policy", policy)
        .putHeader("Referrer-Policy", "no-referrer")
        .end(page);
  }

  /** GET and HEAD of the events. */
  void watch(RoutingContext context) {
    if (TokenGuard.isOfAnotherOrigin(context.request())) {
      ErrorPage.send(context, FOREIGN);
      return;
    }
    HttpServerResponse response = head(context, "text/event-stream");
    if (context.request().method() == HttpMethod.HEAD) {
      response.end();
    } else {
      liveSubscribers.add(response);
    }
  }

  /** GET and HEAD of the figures of the last hour. */
  void past(RoutingContext context) {
    if (TokenGuard.isOfAnotherOrigin(context.request())) {
      ErrorPage.send(context, FOREIGN);
      return;
    }
    vertx
        .executeBlocking(() -> history.past().put("port", port.getAsInt()).toBuffer(), false)
        .onSuccess(past -> head(context, "application/json").end(past))
        .onFailure(context::fail);
  }

  /** Ends all streams of events, and takes no more samples. */
  void close() {
    vertx.cancelTimer(sampling);
    liveSubscribers.close();
  }

  private static HttpServerResponse head(RoutingContext context, String type) {
    return context
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, type)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Content-Type-Options", "nosniff");
  }

  private static String policy(String text) {
    return "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action"
        + " 'none'; frame-ancestors 'none'; style-src "
        + hash(text, "style")
        + "; script-src "
        + hash(text, "script");
  }

  /** The hash of an element for the Content-Security-Policy. */
  private static String hash(String text, String element) {
    int from = text.indexOf("<" + element + ">") + element.length() + 2;
    String within = text.substring(from, text.indexOf("</" + element + ">", from));
    return "'sha256-" + Base64.getEncoder().encodeToString(sha256(within)) + "'";
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String read() {
    try (InputStream file = LivePage.class.getResourceAsStream(FILE)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
