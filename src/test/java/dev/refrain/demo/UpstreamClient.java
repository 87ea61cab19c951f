package dev.refrain.demo;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A client of the three endpoints as tests want it: blocking, on the test's thread. */
final class UpstreamClient {
  private static final String DATA = "data: ";

  private final HttpClient client;
  private final int port;

  UpstreamClient(Vertx vertx, int port) {
    this.client = vertx.createHttpClient(new HttpClientOptions().setDefaultHost("127.0.0.1"));
    this.port = port;
  }

  record Reply(HttpClientResponse head, String body) {
    int status() {
      return head.statusCode();
    }

    JsonObject json() {
      return new JsonObject(body);
    }

    JsonObject error() {
      return json().getJsonObject("error");
    }

    JsonObject choice(int position) {
      return json().getJsonArray("choices").getJsonObject(position);
    }

    String text() {
      return choice(0).getString("text");
    }

    boolean done() {
      return body.endsWith("\n\ndata: [DONE]\n\n");
    }

    /** The events that are JSON. */
    List<JsonObject> events() {
      return body.lines()
          .filter(line -> line.startsWith(DATA + "{"))
          .map(line -> new JsonObject(line.substring(DATA.length())))
          .toList();
    }

    /** The choices of all events in order. */
    List<JsonObject> choices() {
      return events().stream()
          .map(event -> event.getJsonArray("choices", new JsonArray()))
          .flatMap(choices -> choices.stream().map(JsonObject.class::cast))
          .toList();
    }
  }

  Future<HttpClientRequest> request(HttpMethod method, String path) {
    return client.request(method, port, "127.0.0.1", path);
  }

  /**
   * Sends, and completes with what {@code onHead} makes of the answer. It runs in the turn of the
   * head, because a test's thread comes too late for the body.
   */
  <T> Future<T> send(Object body, Function<HttpClientResponse, T> onHead) {
    return send(HttpMethod.POST, "/v1/completions", Buffer.buffer(body.toString()), onHead);
  }

  Reply ask(Object body) {
    return awaited(send(body, UpstreamClient::read).compose(Function.identity()));
  }

  /** Asks for a chat. */
  Reply chat(Object body) {
    return post("/v1/chat/completions", body);
  }

  /** Asks for embeddings. */
  Reply embed(Object body) {
    return post("/v1/embeddings", body);
  }

  private Reply post(String path, Object body) {
    Buffer bytes = Buffer.buffer(body.toString());
    return awaited(
        send(HttpMethod.POST, path, bytes, UpstreamClient::read).compose(Function.identity()));
  }

  Reply get(String path) {
    return awaited(
        send(HttpMethod.GET, path, Buffer.buffer(), UpstreamClient::read)
            .compose(Function.identity()));
  }

  private <T> Future<T> send(
      HttpMethod method, String path, Buffer body, Function<HttpClientResponse, T> onHead) {
    return request(method, path).compose(request -> request.send(body).map(onHead));
  }

  private static Future<Reply> read(HttpClientResponse head) {
    return head.body().map(body -> new Reply(head, body.toString()));
  }

  static <T> T awaited(Future<T> future) {
    try {
      return future.await(20, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer in 20 s", e);
    }
  }
}
