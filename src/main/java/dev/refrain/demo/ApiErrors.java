package dev.refrain.demo;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** The error object of the API, and answers made of it. */
final class ApiErrors {
  private static final int TOO_MANY_REQUESTS = 429;
  private static final String RETRY_AFTER_SECONDS = "1";

  private ApiErrors() {}

  static JsonObject body(String message, String type, String param) {
    JsonObject error = new JsonObject().put("message", message).put("type", type);
    return new JsonObject().put("error", error.put("param", param).putNull("code"));
  }

  /** An error at the server, of the requested kind. */
  static JsonObject simulated() {
    return body("Simulated error.", "server_error", null);
  }

  static void answer(HttpServerResponse response, int status, JsonObject body) {
    if (status == TOO_MANY_REQUESTS) {
      response.putHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(body.toBuffer());
  }

  /** A request that has no meaning. */
  static void invalid(HttpServerResponse response, int status, String message, String param) {
    answer(response, status, body(message, "invalid_request_error", param));
  }
}
