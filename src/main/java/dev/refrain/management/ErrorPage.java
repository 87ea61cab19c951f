package dev.refrain.management;

import dev.refrain.inference.Failure;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Answers with {@code {"error": {message, type, param, code}}}, the shape the API has too. */
final class ErrorPage {
  private ErrorPage() {}

  static void send(RoutingContext context, Failure failure) {
    JsonObject error =
        new JsonObject()
            .put("message", failure.getMessage())
            .put("type", failure.kind().type())
            .put("param", failure.param())
            .put("code", failure.kind().code());
    context
        .response()
        .setStatusCode(failure.kind().status())
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(new JsonObject().put("error", error).toBuffer());
  }
}
