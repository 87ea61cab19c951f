package dev.refrain.http;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Failure.Kind;
import dev.refrain.openai.CompletionsReader;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The public port: the API, and a clear refusal for everything else. */
public final class Door implements Handler<HttpServerRequest> {
  private final CompletionHandler completions;
  private final AnswerWriter writer;
  // Until they are closed, which takes the turn in which the refusal is written.
  private final Set<HttpConnection> distrusted = new HashSet<>();

  /** A door before one endpoint. */
  public Door(CompletionHandler completions, AnswerWriter writer) {
    this.completions = completions;
    this.writer = writer;
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (distrusted.contains(request.connection())) {
      return; // what stands behind an ambiguous request may be a part of it
    }
    if (isAmbiguous(request.headers())) {
      distrust(request);
      refuse(request, Failure.invalid(null, "a header that others could read otherwise"));
    } else if (!CompletionsReader.ENDPOINT.equals(request.path())) {
      String message = "no such path; there is POST " + CompletionsReader.ENDPOINT;
      refuse(request, Failure.of(Kind.NOT_FOUND, message));
    } else if (request.method() != HttpMethod.POST) {
      request.response().putHeader(HttpHeaders.ALLOW, "POST");
      refuse(request, Failure.of(Kind.METHOD_NOT_ALLOWED, "only POST is allowed here"));
    } else {
      completions.handle(request);
    }
  }

  // What the codec lets through although an intermediary before us may have read the length of the
  // body, or the fields, in another way (RFC 9112 §6.1, §11.2).
  private static boolean isAmbiguous(MultiMap headers) {
    return headers.contains("")
        || headers.contains(HttpHeaders.TRANSFER_ENCODING) && !isPlainlyChunked(headers);
  }

  private void distrust(HttpServerRequest request) {
    HttpConnection connection = request.connection();
    distrusted.add(connection);
    connection.closeHandler(v -> distrusted.remove(connection));
    request.response().endHandler(v -> connection.close());
  }

  private static boolean isPlainlyChunked(MultiMap headers) {
    List<String> codings = headers.getAll(HttpHeaders.TRANSFER_ENCODING);
    return codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked");
  }

  private void refuse(HttpServerRequest request, Failure failure) {
    Caller caller = new Caller(request);
    request.end().onComplete(v -> {}); // its body, if any, is read and forgotten
    writer.refuse(caller, failure);
  }
}
