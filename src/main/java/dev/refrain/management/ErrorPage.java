package dev.refrain.management;

import dev.refrain.inference.Failure;
import dev.refrain.sse.ErrorBody;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;

/** Answers with {@code {"error": {message, type, param, code}}}, the shape the API has too. */
final class ErrorPage {
  private ErrorPage() {}

  static void send(RoutingContext context, Failure failure) {
    context
        .response()
        .setStatusCode(failure.kind().status())
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(ErrorBody.of(failure));
  }
}
