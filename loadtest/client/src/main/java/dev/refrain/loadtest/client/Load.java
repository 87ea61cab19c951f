package dev.refrain.loadtest.client;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;

/**
 * Carries out one order on one event loop. Requests are begun when their time has come, whether or
 * not those before were answered, and their time runs from then on: a server that stalls is charged
 * for everyone it kept waiting.
 */
final class Load {
  /**
   * How exactly the timer can be. A request that the timer begins late by no more than this is
   * timed from when it began; a longer delay counts, for it is a stall somebody would have felt.
   */
  private static final long TICK = 1_000_000;

  /** Longest wait for what is under way when the time is over. Milliseconds. */
  private static final long PATIENCE = 20_000;

  private final Vertx vertx;
  private final Order order;
  private final Consumer<JsonObject> news;
  private final HttpClient client;
  private final RequestOptions target;
  private final Tally tally = new Tally();
  private final Promise<JsonObject> done = Promise.promise();

  private final long begin = System.nanoTime();
  private final long measuredFrom;
  private long measuredTo;
  private long sent;
  private long open;
  private boolean announced;
  private boolean over;

  Load(Vertx vertx, Order order, Consumer<JsonObject> news) {
    this.vertx = vertx;
    this.order = order;
    this.news = news;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setKeepAliveTimeout(0),
            new PoolOptions().setHttp1MaxSize(order.connections()));
    this.target =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(order.host())
            .setPort(order.port())
            .setURI(order.path())
            .putHeader("Content-Type", "application/json");
    order.headers().forEach(header -> target.putHeader(header.getKey(), "" + header.getValue()));
    this.measuredFrom = begin + (long) (order.warmup() * 1e9);
    this.measuredTo = measuredFrom + (long) (order.seconds() * 1e9);
  }

  /** Runs until all is answered. Call it on an event loop. */
  Future<JsonObject> run() {
    vertx.setPeriodic(1, this::tick);
    return done.future().eventually(client::close);
  }

  /** Begins nothing more, as if the time were over. Call it on the same event loop. */
  void end() {
    measuredTo = Math.min(measuredTo, System.nanoTime());
  }

  private void tick(long timer) {
    long now = System.nanoTime();
    if (!announced && now >= measuredFrom) {
      announced = true;
      news.accept(new JsonObject().put("event", "measuring"));
    }
    if (now >= measuredTo) {
      vertx.cancelTimer(timer);
      news.accept(new JsonObject().put("event", "measured"));
      over();
      return;
    }
    for (long due; (due = due(sent)) <= now && sent < order.most(); sent++) {
      send(due, sent);
    }
  }

  /** When the request of that number is to begin. */
  private long due(long number) {
    return begin + (long) (number * 1e9 / order.rate());
  }

  private boolean counts(long time) {
    return time >= measuredFrom && time < measuredTo;
  }

  private void send(long due, long number) {
    open++;
    boolean counts = counts(due) || order.hold();
    long now = System.nanoTime();
    long from = Math.min(now, due + TICK);
    if (counts) {
      tally.sent(now - due);
    }
    client
        .request(target)
        .compose(request -> ask(request, number))
        .compose(response -> hear(response, from, counts))
        .onComplete(
            answered -> {
              open--;
              if (answered.failed() && !(over && order.hold())) {
                tally.failed(named(answered.cause()));
              } else if (counts && !(over && order.hold())) {
                tally.answered(System.nanoTime() - from);
              }
              if (over && open == 0) {
                done.tryComplete(tally.result());
              }
            });
  }

  private Future<HttpClientResponse> ask(HttpClientRequest request, long number) {
    return request.send(order.body(number));
  }

  private Future<Void> hear(HttpClientResponse response, long from, boolean counts) {
    if (response.statusCode() != 200) {
      return response.end().compose(end -> Future.failedFuture("status " + response.statusCode()));
    }
    Answer answer = new Answer(from, counts);
    response.handler(answer::part);
    return response.end().compose(end -> answer.check());
  }

  private void over() {
    over = true;
    if (open == 0 || order.hold()) {
      done.tryComplete(tally.result());
      return;
    }
    vertx.setTimer(
        PATIENCE,
        timer -> {
          if (done.tryComplete(tally.result().put("unanswered", open))) {
            client.close();
          }
        });
  }

  private static String named(Throwable cause) {
    String said = String.valueOf(cause.getMessage());
    return said.startsWith("status") || said.startsWith("length")
        ? said
        : cause.getClass().getSimpleName() + ": " + said;
  }

  /** One answer as it comes. */
  private final class Answer {
    private final long from;
    private final boolean counts;
    private final Events events = new Events();
    private long length;

    Answer(long from, boolean counts) {
      this.from = from;
      this.counts = counts;
    }

    void part(Buffer bytes) {
      long now = System.nanoTime();
      if (length == 0 && counts) {
        tally.began(now - from);
      }
      length += bytes.length();
      int ended = events.in(bytes);
      if (counts(now)) {
        tally.heard(ended, bytes.length());
      }
    }

    Future<Void> check() {
      return order.length() < 0 || order.length() == length
          ? Future.succeededFuture()
          : Future.failedFuture("length " + length + " (expected: " + order.length() + ")");
    }
  }
}
