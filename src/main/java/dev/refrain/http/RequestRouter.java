package dev.refrain.http;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.keys.Key;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Routes requests of the public port to their endpoints, and all others to the upstream. Whatever
 * is thrown behind it is an answer.
 */
public final class RequestRouter implements Handler<HttpServerRequest> {
  private final ResponseWriter writer;
  private final AccessLog log;
  private final RequestGuard guard;
  // Until they are closed, which takes the turn in which the refusal is written.
  private final Set<HttpConnection> distrusted = new HashSet<>();
  private Handlers handlers;

  /** A router for the event loop it is used on. Set its {@link #handlers} first. */
  public RequestRouter(ResponseWriter writer, AccessLog log, RequestGuard guard) {
    this.writer = writer;
    this.log = log;
    this.guard = guard;
  }

  /** Leads to these from the next request on. */
  public void handlers(Handlers others) {
    handlers = others;
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (distrusted.contains(request.connection())) {
      return; // what stands behind an ambiguous request may be a part of it
    }
    if (request.version() != HttpVersion.HTTP_2 && request.response().writeQueueFull()) {
      answerLater(request);
      return;
    }
    open(request);
  }

  // A caller that sends requests and reads no answers would have them all made.
  private void answerLater(HttpServerRequest request) {
    request.pause();
    request
        .response()
        .drainHandler(
            v -> {
              request.response().drainHandler(null);
              open(request);
              request.resume();
            });
  }

  private void open(HttpServerRequest request) {
    AccessListener line = log.open(request);
    try {
      admit(request, line);
    } catch (Throwable defect) { // without an answer the caller would wait for ever
      if (request.version() != HttpVersion.HTTP_2) {
        distrust(request);
      }
      writer.abort(new RequestContext(request, line), defect);
    }
  }

  private void admit(HttpServerRequest request, AccessListener line) {
    if (!guard.admits(request)) {
      rejectAndClose(request, line, Failure.of(Kind.OVERLOADED, "too many connections"));
      return;
    }
    if (request.method() == HttpMethod.CONNECT) { // has no path, and no end before its answer
      rejectAndClose(
          request, line, Failure.of(Kind.METHOD_NOT_ALLOWED, "CONNECT is not passed on"));
      return;
    }
    Failure tooLarge = guard.refusal(request);
    if (tooLarge != null) {
      refuse(request, line, tooLarge);
      return;
    }
    Failure suspect = suspect(request);
    if (suspect != null) {
      rejectAndClose(request, line, suspect);
      return;
    }
    guard.strip(request);
    enter(request, line);
  }

  private void enter(HttpServerRequest request, AccessListener line) {
    Handlers to = handlers;
    line.roles(to.roles());
    if (to.keys() == null) {
      dispatch(to, request, line, null);
    } else if (writer.isForOtherOrigins() && CrossOrigin.isQuestion(request)) {
      CrossOrigin.permit(request);
      line.ended(request.response().getStatusCode(), 0);
    } else {
      identify(to, request, line);
    }
  }

  private void identify(Handlers to, HttpServerRequest request, AccessListener line) {
    Key key;
    try {
      key = to.keys().open(request.headers());
    } catch (Failure stranger) {
      refuse(request, line, stranger);
      return;
    }
    line.opened(key);
    boolean passed = isPassed(to, request);
    // To a page it was Refrain that said yes, so its upstream may not say that it may read.
    boolean open = passed && writer.isForOtherOrigins();
    if (key.isLimited() || open) {
      guard.declare(request, key, open);
    }
    Failure refusal = key.ask();
    if (refusal == null && passed) {
      refusal = key.pass();
    }
    boolean bounded = refusal == null && key.isBoundedAtOnce();
    if (bounded) {
      refusal = key.begin();
    }
    if (refusal == null) {
      dispatch(to, request, bounded ? new KeySlot(line, key) : line, key);
    } else {
      refuse(new RequestContext(request, line, key), refusal);
    }
  }

  private void dispatch(Handlers to, HttpServerRequest request, AccessListener line, Key key) {
    if (isPassed(to, request)) {
      pass(to, request, line, key);
    } else if (to.models().isFor(request)) {
      to.models().handle(new RequestContext(request, line, key));
    } else if (request.method() != HttpMethod.POST) {
      request.response().putHeader(HttpHeaders.ALLOW, "POST");
      Failure failure = Failure.of(Kind.METHOD_NOT_ALLOWED, "only POST is allowed here");
      refuse(new RequestContext(request, line, key), failure);
    } else {
      to.api().get(request.path()).handle(new RequestContext(request, line, key));
    }
  }

  private void pass(Handlers to, HttpServerRequest request, AccessListener line, Key key) {
    // A key was seen, and no browser sends one unasked.
    Failure unasked = to.credentialed() && key == null ? CrossOrigin.unasked(request) : null;
    if (unasked != null) {
      refuse(request, line, unasked);
      return;
    }
    HttpServerResponse response = request.response();
    to.others()
        .apply(request, line)
        .onSuccess(v -> line.ended(response.getStatusCode(), response.bytesWritten()))
        .onFailure(
            cause -> writer.reject(new RequestContext(request, line, key), Failure.from(cause)));
  }

  private static boolean isPassed(Handlers to, HttpServerRequest request) {
    return !isOurs(to, request) && !to.models().isFor(request);
  }

  // A preflight of a browser is for the server behind us.
  private static boolean isOurs(Handlers to, HttpServerRequest request) {
    InferenceHandler handler = to.api().get(request.path());
    return handler != null && handler.isFor(request.method());
  }

  /** Why nothing on its connection can be trusted, or null. */
  private static Failure suspect(HttpServerRequest request) {
    if (request.version() == null) {
      return Failure.invalid(
          null, "unsupported HTTP version (expected: HTTP/1.0, HTTP/1.1 or HTTP/2)");
    }
    if (isAmbiguous(request.headers())) {
      return Failure.invalid(null, "ambiguous header: proxies disagree on how to read it");
    }
    return isToOneHost(request)
        ? RequestLine.refusal(request)
        : Failure.invalid(null, "exactly one valid Host header is required");
  }

  // RFC 9112 §3.2
  private static boolean isToOneHost(HttpServerRequest request) {
    int hosts = request.headers().getAll(HttpHeaders.HOST).size();
    return hosts == 0
        ? request.version() != HttpVersion.HTTP_1_1
        : hosts == 1 && Socket.isToAHost(request);
  }

  // What the codec lets through although an intermediary before us may have read the length of the
  // body, or the fields, in another way (RFC 9112 §6.1, §11.2).
  private static boolean isAmbiguous(MultiMap headers) {
    return headers.contains("")
        || headers.contains(HttpHeaders.TRANSFER_ENCODING) && !isPlainlyChunked(headers);
  }

  /** Takes what the codec could not read, of which nothing can be trusted. */
  public void malformed(HttpServerRequest request) {
    rejectAndClose(request, log.open(request), guard.refusal(request.decoderResult().cause()));
  }

  // A connection of HTTP/2 goes on without the stream: where one ends is never in doubt there.
  private void rejectAndClose(HttpServerRequest request, AccessListener line, Failure failure) {
    boolean streams = request.version() == HttpVersion.HTTP_2;
    if (!streams) {
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    if (!streams || failure.kind() == Kind.OVERLOADED) {
      distrust(request);
    }
    refuse(request, line, failure);
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

  private void refuse(HttpServerRequest request, AccessListener line, Failure failure) {
    refuse(new RequestContext(request, line), failure);
  }

  private void refuse(RequestContext context, Failure failure) {
    context.request().end().onComplete(v -> {}); // its body, if any, is read and forgotten
    writer.refuse(context, failure);
  }

  /**
   * The handlers behind the router.
   *
   * @param api handles requests to Refrain's own endpoints
   * @param models handles the model list
   * @param others handles every other request, or fails with a {@code Failure} that is still to be
   *     sent to the client
   * @param credentialed whether a credential of the operator's is sent along upstream
   * @param roles which header fields of a request count, and for what
   * @param keys authenticates requests, or null if no key is required
   */
  public record Handlers(
      Map<String, InferenceHandler> api,
      ModelsHandler models,
      BiFunction<HttpServerRequest, RequestListener, Future<Void>> others,
      boolean credentialed,
      FieldRoles roles,
      KeyAuthenticator keys) {}
}
