package dev.refrain.scenario;

import dev.refrain.testing.Examples;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * Requests at a constant rate, whatever becomes of those before: plain ones for a few hundred
 * things, and streams of which each is another. Nothing is asked twice.
 */
final class SteadyTraffic {
  private static final int TICK_MILLIS = 10;
  private static final int THINGS = 300;
  private static final int TOKENS = 20;
  private static final int PATIENCE_MILLIS = 30_000;
  private static final String TOLD = "\"finish_reason\":\"length\"";

  private final Vertx vertx;
  private final IntSupplier port;
  private final HttpClientAgent client;
  private final AtomicLong asked = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final int plainASecond;
  private final int streamsASecond;
  private long began;
  private long plain;
  private long streams;
  private long timer;
  private volatile boolean over;
  private long seconds;

  /**
   * Traffic that has not begun.
   *
   * @param port where the next request goes
   */
  SteadyTraffic(Vertx vertx, IntSupplier port, int plainASecond, int streamsASecond) {
    this.vertx = vertx;
    this.port = port;
    this.plainASecond = plainASecond;
    this.streamsASecond = streamsASecond;
    this.client = vertx.httpClientBuilder().with(new PoolOptions().setHttp1MaxSize(2_000)).build();
  }

  void begin() {
    began = System.nanoTime();
    vertx.runOnContext(v -> timer = vertx.setPeriodic(TICK_MILLIS, id -> tick()));
  }

  /** How many were to be asked by now at this rate, however late the clock ticks. */
  private long due(int aSecond) {
    return (System.nanoTime() - began) * aSecond / 1_000_000_000;
  }

  private void tick() {
    if (over) {
      vertx.cancelTimer(timer);
      return;
    }
    for (; plain < due(plainASecond); plain++) {
      asked.incrementAndGet();
      ask(Examples.asking("thing " + plain % THINGS), false);
    }
    for (; streams < due(streamsASecond); streams++) {
      ask(
          "{\"model\":\"m\",\"prompt\":\"song %d\",\"stream\":true,\"max_tokens\":%d}"
              .formatted(asked.incrementAndGet(), TOKENS),
          true);
    }
  }

  private void ask(String body, boolean stream) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(port.getAsInt())
            .setURI("/v1/completions")
            .setConnectTimeout(PATIENCE_MILLIS)
            .putHeader("Content-Type", "application/json");
    client
        .request(options)
        .compose(request -> request.send(Buffer.buffer(body)))
        .compose(response -> response.body().map(text -> judged(response, text, stream)))
        .recover(cause -> Future.succeededFuture(options.getPort() + ": " + cause))
        .onSuccess(
            failure -> {
              answered.incrementAndGet();
              if (!failure.isEmpty()) {
                failures.add(failure);
              }
            });
  }

  /** What is wrong with an answer; empty if nothing is. */
  private static String judged(HttpClientResponse response, Buffer body, boolean stream) {
    String text = body.toString();
    if (response.statusCode() != 200) {
      return response.statusCode() + " " + text;
    }
    if (!stream) {
      return text.contains("\"finish_reason\"") ? "" : "no whole answer: " + text;
    }
    boolean whole = text.endsWith("data: [DONE]\n\n") && text.contains(TOLD);
    return whole && text.split("data: ").length == TOKENS + 2 ? "" : "truncated: " + text;
  }

  /** Asks nothing more. */
  void end() {
    over = true;
    seconds = (System.nanoTime() - began) / 1_000_000_000;
  }

  /** How long it asked, once it has ended. */
  long seconds() {
    return seconds;
  }

  boolean isAnswered() {
    return asked.get() == answered.get();
  }

  long asked() {
    return asked.get();
  }

  List<String> failures() {
    return failures;
  }
}
