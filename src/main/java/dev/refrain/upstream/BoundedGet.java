package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Head;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A small GET request besides the calls, such as a probe or the model list. */
final class BoundedGet {
  private static final int MOST_BYTES = 4 << 20;

  private BoundedGet() {}

  /**
   * Asks, within bounds of time and size. Fails with a {@link Failure}.
   *
   * @param path below the server's address
   * @param headers of the caller; what its {@link Target#prepareRequest} leaves of them is sent
   * @param millis longest wait for all of it
   */
  static Future<Whole> ask(
      Client client, Target target, String path, MultiMap headers, long millis) {
    RequestOptions options =
        target
            .request()
            .setMethod(HttpMethod.GET)
            .setURI(target.uri(path))
            .setHeaders(dressed(target, headers))
            .setConnectTimeout(millis);
    return client
        .request(options)
        .recover(cause -> Future.failedFuture(ExceptionMapper.translate(cause, false)))
        .compose(request -> send(client, request, options, millis))
        .recover(cause -> Future.failedFuture(unanswered(cause, millis)));
  }

  private static Failure unanswered(Throwable cause, long millis) {
    return cause instanceof TimeoutException
        ? Failure.of(
            Kind.UPSTREAM_TIMEOUT, "the upstream did not answer within " + millis + " ms", cause)
        : ExceptionMapper.translate(cause, true);
  }

  private static MultiMap dressed(Target target, MultiMap headers) {
    MultiMap sent = HttpHeaders.headers().addAll(headers);
    target.prepareRequest(sent);
    return sent;
  }

  private static Future<Whole> send(
      Client client, HttpClientRequest request, RequestOptions options, long millis) {
    boolean reused = client.isReused(request);
    long since = System.nanoTime();
    return send(client, request, millis)
        .recover(
            cause -> {
              if (!reused || !ExceptionMapper.isRepeatable(cause, true)) {
                return Future.failedFuture(cause);
              }
              long left = millis - (System.nanoTime() - since) / 1_000_000;
              return client
                  .fresh(options)
                  .recover(gone -> Future.failedFuture(ExceptionMapper.translate(gone, false)))
                  .compose(fresh -> send(client, fresh, Math.max(1, left)));
            });
  }

  private static Future<Whole> send(Client client, HttpClientRequest request, long millis) {
    request.exceptionHandler(
        cause -> {}); // handled below; otherwise the client would log it as well
    request.putHeader(HttpHeaders.ACCEPT_ENCODING, HttpHeaders.IDENTITY);
    return Future.succeededFuture()
        .compose(v -> request.send()) // within, for the codec may refuse by throwing
        .compose(BoundedGet::gather)
        .timeout(millis, TimeUnit.MILLISECONDS)
        .onFailure(cause -> client.abandon(request));
  }

  private static Future<Whole> gather(HttpClientResponse response) {
    Head head = new Head(response.statusCode(), HopByHop.response(response.headers()));
    List<String> codings = ContentDecoder.codings(response.headers());
    Promise<Whole> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    response
        .exceptionHandler(
            cause -> whole.tryFail(ExceptionMapper.broken("broke off its answer", cause)))
        .endHandler(v -> end(head, codings, body, whole))
        .handler(
            chunk -> {
              if (body.length() + (long) chunk.length() > MOST_BYTES) {
                whole.tryFail(tooMuch());
              } else {
                body.appendBuffer(chunk);
              }
            });
    return whole.future();
  }

  private static void end(Head head, List<String> codings, Buffer body, Promise<Whole> whole) {
    if (codings.isEmpty()) {
      whole.tryComplete(Whole.notStorable(head, body));
      return;
    }
    try {
      Buffer plain = ContentDecoder.decode(codings, body, MOST_BYTES);
      whole.tryComplete(Whole.notStorable(ContentDecoder.decoded(head), plain));
    } catch (Failure undecodable) {
      whole.tryFail(undecodable);
    }
  }

  private static Failure tooMuch() {
    return ExceptionMapper.broken("sent more than " + MOST_BYTES + " bytes in one answer", null);
  }
}
