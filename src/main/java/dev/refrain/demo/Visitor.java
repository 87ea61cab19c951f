package dev.refrain.demo;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the proxy, one question after the other, and measures what each came to. Blocks, so never on
 * an event loop.
 */
final class Visitor {
  private static final long PATIENCE_SECONDS = 30;

  private final WebClient client;
  private final int proxyPort;
  private final SimulatedUpstream upstream;

  Visitor(Vertx vertx, int proxyPort, SimulatedUpstream upstream) {
    this.client = WebClient.create(vertx);
    this.proxyPort = proxyPort;
    this.upstream = upstream;
  }

  Outcome ask(Step step) {
    long calls = upstream.calls();
    long tokens = upstream.tokens();
    long began = System.nanoTime();
    HttpResponse<Buffer> response = send(step);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    calls = upstream.calls() - calls;
    tokens = upstream.tokens() - tokens;
    return response == null
        ? Outcome.none(millis, calls, tokens)
        : outcome(response, millis, calls, tokens);
  }

  /** The answer, or null when none came: that, too, is something to show. */
  private HttpResponse<Buffer> send(Step step) {
    try {
      return client
          .post(proxyPort, Simulation.LOOPBACK, "/v1/completions")
          .putHeader(HttpHeaders.AUTHORIZATION.toString(), "Bearer tour")
          .putHeader(HttpHeaders.CONTENT_TYPE.toString(), "application/json")
          .timeout(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS))
          .sendBuffer(step.body().toBuffer())
          .otherwiseEmpty()
          .await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return null;
    }
  }

  private static Outcome outcome(
      HttpResponse<Buffer> response, long millis, long calls, long tokens) {
    String type = response.headers().get(HttpHeaders.CONTENT_TYPE);
    String body = response.body() == null ? "" : response.bodyAsString();
    Answer answer = Answer.read(type == null ? "" : type, body);
    CacheStatus cache = CacheStatus.parse(response.getHeader("Cache-Status"));
    return new Outcome(response.statusCode(), answer, cache, millis, calls, tokens);
  }
}
