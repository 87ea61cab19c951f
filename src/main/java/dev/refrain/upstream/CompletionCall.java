package dev.refrain.upstream;

import dev.refrain.inference.InferenceRequest;
import dev.refrain.json.StringMember;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;

/** A completion request as HTTP to one server. Pure functions. */
final class CompletionCall {
  private CompletionCall() {}

  /** Method, path and header fields. */
  static RequestOptions options(InferenceRequest request, Target target) {
    MultiMap headers = HopByHop.request(request.headers());
    target.prepareRequest(headers);
    headers.set("X-Request-Id", request.id());
    // Without Accept-Encoding a server may choose any coding (RFC 9110 §12.5.3).
    headers.set(HttpHeaders.ACCEPT_ENCODING, HttpHeaders.IDENTITY);
    return target
        .request()
        .setMethod(HttpMethod.POST)
        .setURI(target.uri(request.endpoint()))
        .setHeaders(headers);
  }

  /** The body, with the server's own name for the model. */
  static Buffer body(InferenceRequest request, Attempt attempt) {
    Buffer body = request.content().bytes(request.framing(), request.usage());
    String named = attempt.upstream().named(request.model());
    return named.equals(request.model()) ? body : StringMember.replace(body, "model", named);
  }
}
