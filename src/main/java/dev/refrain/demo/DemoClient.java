package dev.refrain.demo;

import dev.refrain.demo.SimulatedUpstream.Simulation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Asks the proxy, one question after the other, and measures what each came to. Blocks, so never on
 * an event loop.
 */
final class DemoClient {
  private static final long PATIENCE_SECONDS = 30;

  private final WebClient client;
  private final int proxyPort;
  private final SimulatedUpstream upstream;

  DemoClient(Vertx vertx, int proxyPort, SimulatedUpstream upstream) {
    this.client = WebClient.create(vertx);
    this.proxyPort = proxyPort;
    this.upstream = upstream;
  }

  Outcome ask(Step step) {
    long calls = upstream.calls();
    long tokens = upstream.tokens();
    long began = System.nanoTime();
    List<HttpResponse<Buffer>> responses = send(step);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    calls = upstream.calls() - calls;
    tokens = upstream.tokens() - tokens;
    return responses.isEmpty()
        ? Outcome.none(millis, calls, tokens)
        : outcome(responses, millis, calls, tokens);
  }

  /** The answers, or none when one did not come: that, too, is something to show. */
  private List<HttpResponse<Buffer>> send(Step step) {
    List<Future<HttpResponse<Buffer>>> asked =
        Stream.generate(() -> post(step)).limit(step.times()).toList();
    try {
      Future.all(asked).await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return asked.stream().map(Future::result).toList();
    } catch (Exception unanswered) {
      return List.of();
    }
  }

  private Future<HttpResponse<Buffer>> post(Step step) {
    return client
        .post(proxyPort, Simulation.LOOPBACK, step.path())
        .putHeader(HttpHeaders.AUTHORIZATION.toString(), "Bearer tour")
        .putHeader(HttpHeaders.CONTENT_TYPE.toString(), "application/json")
        .timeout(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS))
        .sendBuffer(step.body().toBuffer());
  }

  private static Outcome outcome(
      List<HttpResponse<Buffer>> responses, long millis, long calls, long tokens) {
    ReceivedAnswer answer =
        responses.stream().map(DemoClient::answer).reduce(ReceivedAnswer::and).orElseThrow();
    int status = responses.stream().mapToInt(HttpResponse::statusCode).max().orElseThrow();
    // One of those asked at once made the call; the others are what the step is about.
    CacheStatus cache =
        responses.stream()
            .map(response -> CacheStatus.parse(response.getHeader("Cache-Status")))
            .max(Comparator.comparing(CacheStatus::collapsed).thenComparing(CacheStatus::hit))
            .orElseThrow();
    return new Outcome(status, answer, cache, millis, calls, tokens);
  }

  private static ReceivedAnswer answer(HttpResponse<Buffer> response) {
    String type = response.headers().get(HttpHeaders.CONTENT_TYPE);
    String body = response.body() == null ? "" : response.bodyAsString();
    return ReceivedAnswer.read(type == null ? "" : type, body);
  }

  /**
   * Measurements of one step.
   *
   * @param status of the answer; 0 if there was none
   * @param answer what the answer said
   * @param cache what the proxy said about it
   * @param millis from sending to the last byte
   * @param calls that reached the upstream meanwhile, by its own count
   * @param paid tokens of those calls, by the upstream's own count
   */
  record Outcome(
      int status, ReceivedAnswer answer, CacheStatus cache, long millis, long calls, long paid) {

    /** A step that got no answer. */
    static Outcome none(long millis, long calls, long paid) {
      return new Outcome(0, ReceivedAnswer.NONE, CacheStatus.parse(null), millis, calls, paid);
    }

    /** Tokens that the client got and that cost nothing. */
    long saved() {
      return Math.max(0, answer.tokens() - paid);
    }
  }
}
