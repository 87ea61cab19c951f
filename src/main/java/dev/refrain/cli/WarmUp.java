package dev.refrain.cli;

import dev.refrain.demo.Demo.Proxy;
import dev.refrain.demo.SimulatedUpstream;
import dev.refrain.demo.SimulatedUpstream.Simulation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpResponseExpectation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads and compiles the classes that requests use, before the proxy is ready. Otherwise the first
 * requests would wait for that, and so would every other request on their event loops.
 *
 * <p>Requests are sent through a proxy of its own, with an upstream of its own, on free loopback
 * ports: misses and hits of every endpoint, plain and as streams, with one choice and with several.
 * What they store and count is dropped with that proxy.
 */
final class WarmUp {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
  static final int CLIENTS = 4;
  // The second and the third are hits, unless the call is sampled.
  static final int TIMES = 3;

  /** On a machine without time to spare, slow first requests are better than none. */
  static final Duration LONGEST = Duration.ofSeconds(5);

  /** Each holds the name of the round, and so misses once a round. */
  static final List<Call> CALLS =
      List.of(
          new Call(
              "/v1/completions",
              """
              {"model":"m","prompt":"warm up %s","max_tokens":4,"temperature":0}\
              """),
          new Call(
              "/v1/completions",
              """
              {"model":"m","prompt":["warm up %s","again"],"max_tokens":4,"temperature":0,"stream":true}\
              """),
          new Call(
              "/v1/completions",
              """
              {"model":"m","prompt":"warm up %s","max_tokens":4,"temperature":1,"n":2,"stream":true}\
              """),
          new Call(
              "/v1/chat/completions",
              """
              {"model":"m","messages":[{"role":"user","content":"warm up %s"}],"max_tokens":4,\
              "temperature":0}\
              """),
          new Call(
              "/v1/chat/completions",
              """
              {"model":"m","messages":[{"role":"user","content":"%s"}],"max_tokens":4,\
              "temperature":0,"stream":true,"stream_options":{"include_usage":true}}\
              """),
          new Call(
              "/v1/embeddings",
              """
              {"model":"m","input":["warm up %s","again"],"encoding_format":"base64"}\
              """));

  private final HttpClient client;
  private final Proxy proxy;
  private final long end;
  private final AtomicInteger responses = new AtomicInteger();

  private WarmUp(HttpClient client, Proxy proxy, long end) {
    this.client = client;
    this.proxy = proxy;
    this.end = end;
  }

  /**
   * Sends requests for about this time, each kind at least once; none if it is zero. Blocks. A
   * failure is logged, and the start goes on.
   *
   * @param longest time in which all of it must be done
   * @return the number of responses
   */
  static int run(Duration limit, Duration longest) {
    if (limit.isZero()) {
      return 0;
    }
    long now = System.nanoTime();
    Deadline deadline = new Deadline(now + longest.toNanos());
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setPreferNativeTransport(true));
    try {
      SimulatedUpstream upstream =
          deadline.await(SimulatedUpstream.start(vertx, Simulation.of(Duration.ZERO)));
      Future<Proxy> launch = EmbeddedProxy.launch(upstream.port());
      try {
        HttpClient client = vertx.createHttpClient();
        WarmUp warmUp = new WarmUp(client, deadline.await(launch), now + limit.toNanos());
        deadline.await(warmUp.send());
        return warmUp.responses.get();
      } finally {
        launch.onSuccess(Proxy::stop); // also one that comes too late
      }
    } catch (Exception failure) {
      LOG.warn("warm-up not finished, the first requests will be slower: {}", failure.toString());
      return 0;
    } finally {
      vertx.close();
    }
  }

  // One client first: what is loaded and linked is so once. Several then, for the compiler.
  private Future<?> send() {
    return send(HttpMethod.GET, proxy.managementPort(), "/metrics", "")
        .compose(done -> round("first"))
        .compose(
            done ->
                Future.join(
                    IntStream.range(0, CLIENTS).mapToObj(each -> rounds(each + "-")).toList()));
  }

  private Future<Void> rounds(String prefix) {
    return System.nanoTime() < end
        ? round(prefix).compose(done -> rounds(prefix + "."))
        : Future.succeededFuture();
  }

  private Future<Void> round(String name) {
    Future<Void> last = Future.succeededFuture();
    for (Call call : CALLS) {
      String body = call.body().formatted(name);
      for (int times = 0; times < TIMES; times++) {
        last = last.compose(done -> send(HttpMethod.POST, proxy.port(), call.path(), body));
      }
    }
    return last;
  }

  private Future<Void> send(HttpMethod method, int port, String path, String body) {
    return client
        .request(method, port, Simulation.LOOPBACK, path)
        .map(request -> request.putHeader("Content-Type", "application/json"))
        .map(request -> request.putHeader("Authorization", "Bearer warm-up"))
        .compose((HttpClientRequest request) -> request.send(Buffer.buffer(body)))
        .expecting(HttpResponseExpectation.SC_OK)
        .compose(HttpClientResponse::end)
        .onSuccess(ended -> responses.incrementAndGet());
  }

  /** The time at which the warm-up is given up, on the clock of {@link System#nanoTime}. */
  private record Deadline(long nanos) {
    <T> T await(Future<T> future) throws TimeoutException {
      return future.await(Math.max(1, nanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
  }

  /** A request of the warm-up. */
  record Call(String path, String body) {}
}
