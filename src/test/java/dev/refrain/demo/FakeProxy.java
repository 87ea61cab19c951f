package dev.refrain.demo;

import dev.refrain.demo.Demo.Proxy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.HashMap;
import java.util.Map;

/** A proxy just good enough for the tour, which can lie. */
final class FakeProxy implements Proxy {
  /** How it lies. */
  enum FalseReport {
    NONE,
    SAYS_HIT_BUT_CALLS_AGAIN,
    KEEPS_WITHOUT_SAYING_SO,
    GIVES_ANOTHER_TEXT,
    KEEPS_SAMPLES,
    KEEPS_ERRORS,
    DROPS_CONNECTIONS
  }

  private final FalseReport falseReport;
  private final int upstreamPort;
  private final WebClient client;
  private final HttpServer server;
  private final Map<JsonObject, HttpResponse<Buffer>> kept = new HashMap<>();
  private final Map<JsonObject, Future<HttpResponse<Buffer>>> asking = new HashMap<>();

  private FakeProxy(Vertx vertx, int upstreamPort, FalseReport falseReport) {
    this.falseReport = falseReport;
    this.upstreamPort = upstreamPort;
    this.client = WebClient.create(vertx);
    this.server = vertx.createHttpServer().requestHandler(this::handle);
  }

  static Launcher launcher(Vertx vertx, FalseReport falseReport) {
    return upstreamPort -> {
      FakeProxy proxy = new FakeProxy(vertx, upstreamPort, falseReport);
      return proxy.server.listen(0, "127.0.0.1").map(proxy);
    };
  }

  @Override
  public int port() {
    return server.actualPort();
  }

  @Override
  public int managementPort() {
    return server.actualPort();
  }

  @Override
  public Future<Void> stop() {
    return server.close();
  }

  private void handle(HttpServerRequest request) {
    if (falseReport == FalseReport.DROPS_CONNECTIONS) {
      request.connection().close();
      return;
    }
    request.body().onSuccess(body -> answer(request, body.toJsonObject()));
  }

  private void answer(HttpServerRequest request, JsonObject asked) {
    boolean stream = Boolean.TRUE.equals(asked.remove("stream"));
    asked.remove("stream_options");
    asked.remove("user");
    HttpResponse<Buffer> found = kept.get(asked);
    if (found != null && falseReport != FalseReport.SAYS_HIT_BUT_CALLS_AGAIN) {
      send(request, found, stream, hit());
      return;
    }
    Future<HttpResponse<Buffer>> underWay = asking.get(asked);
    if (underWay != null && falseReport == FalseReport.NONE) {
      String joined = "refrain; fwd=uri-miss; collapsed; stored";
      underWay.onSuccess(fresh -> send(request, fresh, stream, joined));
      return;
    }
    Future<HttpResponse<Buffer>> call = ask(request.path(), asked);
    asking.put(asked, call);
    call.onComplete(done -> asking.remove(asked));
    call.onSuccess(
        fresh -> {
          boolean store = storable(asked, fresh);
          if (store) {
            kept.put(asked, fresh);
          }
          send(request, fresh, stream, found == null ? missed(asked, store) : hit());
        });
  }

  private Future<HttpResponse<Buffer>> ask(String path, JsonObject asked) {
    return client.post(upstreamPort, "127.0.0.1", path).sendJsonObject(asked);
  }

  private boolean storable(JsonObject asked, HttpResponse<Buffer> fresh) {
    boolean deterministic =
        asked.getInteger("temperature", 0) == 0 || falseReport == FalseReport.KEEPS_SAMPLES;
    return deterministic && (fresh.statusCode() == 200 || falseReport == FalseReport.KEEPS_ERRORS);
  }

  private String hit() {
    return falseReport == FalseReport.KEEPS_WITHOUT_SAYING_SO
        ? null
        : "refrain; hit; ttl=60; detail=memory";
  }

  private static String missed(JsonObject asked, boolean stored) {
    if (asked.getInteger("temperature", 0) > 0) {
      return "refrain; fwd=bypass; detail=sampled";
    }
    return stored ? "refrain; fwd=uri-miss; stored" : "refrain; fwd=uri-miss";
  }

  private void send(
      HttpServerRequest request, HttpResponse<Buffer> answer, boolean stream, String cacheStatus) {
    if (cacheStatus != null) {
      request.response().putHeader("Cache-Status", cacheStatus);
    }
    String body = answer.bodyAsString();
    if (falseReport == FalseReport.GIVES_ANOTHER_TEXT) {
      body = body.replace("\"text\":\"", "\"text\":\"" + System.nanoTime());
    }
    request
        .response()
        .setStatusCode(answer.statusCode())
        .putHeader("Content-Type", stream ? "text/event-stream" : "application/json")
        .end(stream ? "data: " + body + "\n\ndata: [DONE]\n\n" : body);
  }
}
