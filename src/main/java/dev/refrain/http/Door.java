package dev.refrain.http;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Failure.Kind;
import dev.refrain.openai.CompletionsReader;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/** The public port: the API, and a clear refusal for everything else. */
public final class Door implements Handler<HttpServerRequest> {
  private final CompletionHandler completions;
  private final AnswerWriter writer;

  /** A door before one endpoint. */
  public Door(CompletionHandler completions, AnswerWriter writer) {
    this.completions = completions;
    this.writer = writer;
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (!CompletionsReader.ENDPOINT.equals(request.path())) {
      String message = "no such path; there is POST " + CompletionsReader.ENDPOINT;
      refuse(request, Failure.of(Kind.NOT_FOUND, message));
    } else if (request.method() != HttpMethod.POST) {
      request.response().putHeader(HttpHeaders.ALLOW, "POST");
      refuse(request, Failure.of(Kind.METHOD_NOT_ALLOWED, "only POST is allowed here"));
    } else {
      completions.handle(request);
    }
  }

  private void refuse(HttpServerRequest request, Failure failure) {
    Caller caller = new Caller(request);
    request.end().onComplete(v -> {}); // its body, if any, is read and forgotten
    writer.refuse(caller, failure);
  }
}
