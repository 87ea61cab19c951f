package dev.refrain.http;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.Phase;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Source;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import dev.refrain.sse.ErrorBody;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** Writes answers and refusals. One for each event loop. */
public final class ResponseWriter {
  /** Tokens that the upstream generated for this request. */
  static final String PAID = "X-Refrain-Upstream-Tokens";

  private static final CharSequence AGE = HttpHeaders.createOptimized("age");
  private static final CharSequence PRIVATE = HttpHeaders.createOptimized("private, no-store");
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence ACCEL = HttpHeaders.createOptimized("x-accel-buffering");
  private static final CharSequence NO = HttpHeaders.createOptimized("no");

  // Fields that only Refrain sets. An upstream's own request id stays readable.
  private static final Set<String> OURS = Set.of("cache-control", "age", "x-request-id");
  private static final String UPSTREAM_REQUEST_ID = "x-upstream-request-id";

  private static final long INTERNAL_ERROR = 0x2; // RFC 9113 §7

  private final Observer observer;
  private final FailureLog failures;
  private final LongSupplier clock;
  private final Predicate<Entry> stored;
  private final boolean cors;
  private final SlowReaders readers;
  private final Runnable left;

  /**
   * A writer.
   *
   * @param clock milliseconds of the epoch
   * @param stored whether an entry is stored; one that is too large or purged meanwhile is not
   * @param cors whether pages of other origins may read these answers
   * @param readers of the same event loop
   */
  public ResponseWriter(
      Observer observer,
      FailureLog failures,
      LongSupplier clock,
      Predicate<Entry> stored,
      boolean cors,
      SlowReaders readers) {
    this.observer = observer;
    this.failures = failures;
    this.clock = clock;
    this.stored = stored;
    this.cors = cors;
    this.readers = readers;
    this.left = () -> observer.disconnected(Phase.STREAMING);
  }

  /** Whether pages of other origins may read these answers. */
  boolean isForOtherOrigins() {
    return cors;
  }

  /** Writes an answer of the service. */
  void write(RequestContext context, InferenceRequest request, InferenceResponse answer) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.closed()) {
      context.release();
      left(context);
      return;
    }
    try {
      begin(context, request, answer);
    } catch (Throwable defect) { // on a callback, where nothing else would answer
      abort(context, defect);
    }
  }

  private void begin(RequestContext context, InferenceRequest request, InferenceResponse answer) {
    if (!context.isKeptAlive()) {
      head(context, request, answer);
    }
    context.line().responding(answer);
    if (answer instanceof Whole whole) {
      whole(context, request, whole);
    } else {
      stream(context, request, (Streamed) answer);
    }
  }

  /** Prepares the head of an answer of the service. */
  void head(RequestContext context, InferenceRequest request, InferenceResponse answer) {
    HttpServerResponse response = context.response();
    head(response, answer.head());
    long now = clock.getAsLong();
    String status = CacheStatus.of(request, ifStored(answer), now);
    boolean debugged = context.line().isDetailed();
    CacheStatus.add(response, debugged ? status + CacheStatus.key(request) : status);
    Provenance from = answer.provenance();
    crossOrigin(context);
    if (from.hit()) {
      response.putHeader(AGE, Long.toString(Math.max(0, (now - from.storedAt()) / 1000)));
    }
  }

  /** The answer as it counts for a cache: without an entry that is not stored. */
  private InferenceResponse ifStored(InferenceResponse answer) {
    boolean is =
        answer instanceof Whole
            && !answer.provenance().hit()
            && answer.entry().succeeded()
            && !stored.test(answer.entry().result());
    return is ? ((Whole) answer).with(Entry.none()) : answer;
  }

  /** Writes an answer that is no completion. */
  void write(RequestContext context, Whole answer) {
    HttpServerResponse response = context.response();
    if (!response.ended() && !response.closed()) {
      head(response, answer.head());
      crossOrigin(context);
      BodyWriter.write(context.request(), answer.body(), false, readers, () -> {});
      context.line().ended(answer.head().status(), answer.body().length());
    } else {
      left(context);
    }
  }

  // The answer came when its caller had left.
  private static void left(RequestContext context) {
    Failure failure = Failure.of(Failure.Kind.CANCELLED, "the caller left");
    context.line().refused(failure, context.response().bytesWritten());
  }

  private void crossOrigin(RequestContext context) {
    if (cors) {
      CrossOrigin.answer(context);
    }
  }

  private static void head(HttpServerResponse response, Head head) {
    response.setStatusCode(head.status());
    head.headers().forEach((name, value) -> pass(response, name, value));
    response.putHeader(HttpHeaders.CACHE_CONTROL, PRIVATE);
    if (head.isEventStream()) {
      response.putHeader(ACCEL, NO);
    }
  }

  private static void pass(HttpServerResponse response, String name, String value) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (!OURS.contains(lower)) {
      response.headers().add(name, value);
    } else if (lower.equals("x-request-id")) {
      response.putHeader(UPSTREAM_REQUEST_ID, value);
    }
  }

  private void whole(RequestContext context, InferenceRequest request, Whole answer) {
    saved(request, answer);
    Provenance from = answer.provenance();
    // A stored answer is available in any case.
    boolean kept = from.source() == Source.MEMORY;
    BodyWriter.write(context.request(), answer.body(), kept, readers, left);
    observer.delayed(from.source(), context.own(from.waited()));
    finished(context, request, answer, answer.head().status(), answer.body().length());
  }

  private void stream(RequestContext context, InferenceRequest request, Streamed answer) {
    if (!context.isKeptAlive()) {
      context.response().setChunked(true);
      if (context.takesTrailers()) {
        context.response().putHeader("Trailer", PAID);
      }
    }
    new StreamWriter(context, request, answer, this, observer, readers).start();
  }

  /** Reports what an answer would have cost that did not come from the upstream. */
  void saved(InferenceRequest request, InferenceResponse answer) {
    Source source = answer.provenance().source();
    if (source != Source.UPSTREAM && answer.entry().succeeded()) {
      observer.answered(request, source, answer.tokens());
    }
  }

  void finished(
      RequestContext context,
      InferenceRequest request,
      InferenceResponse answer,
      int status,
      long bytes) {
    context.release();
    observer.finished(context.ended(request, answer, status));
    context.line().ended(status, bytes);
  }

  /** Refuses a request, parsed or not: the error object, and the status of its kind. */
  void refuse(RequestContext context, Failure failure) {
    observer.finished(context.refused(failure));
    reject(context, failure);
  }

  /** The same for a request of which more is known than its head. */
  void refuse(RequestContext context, InferenceRequest request, Failure failure) {
    context.asked(request);
    refuse(context, failure);
  }

  /** The same for a request that others count. */
  void reject(RequestContext context, Failure failure) {
    context.release();
    log(context, failure);
    if (failure.event() == null) { // else it is what the upstream said
      observer.refused(failure.kind(), failure.param());
    }
    HttpServerResponse response = context.response();
    boolean begun = response.headWritten() && !context.isKeptAlive();
    if (response.ended() || response.closed() || begun) {
      context.line().refused(failure, response.bytesWritten());
      return;
    }
    if (!context.isKeptAlive()) {
      errorHead(context, failure);
    }
    Buffer body = body(failure);
    context.line().refused(failure, context.wantsBody() ? body.length() : 0);
    end(context, response, body);
  }

  private void errorHead(RequestContext context, Failure failure) {
    HttpServerResponse response = context.response();
    response.setStatusCode(failure.kind().status());
    crossOrigin(context);
    response.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
    response.putHeader(HttpHeaders.CACHE_CONTROL, PRIVATE);
    ErrorHeaders.refuse(response, failure.kind(), context.key());
  }

  /**
   * Ends a request at which Refrain itself failed: a 500 where no head is sent yet, and its
   * connection, or its stream of HTTP/2, ends in any case.
   */
  void abort(RequestContext context, Throwable defect) {
    HttpServerResponse response = context.response();
    try {
      boolean begun = response.headWritten() && !context.isKeptAlive();
      if (!response.headWritten() && !context.isStream()) {
        response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        response.endHandler(v -> context.request().connection().close());
      }
      refuse(context, Failure.from(defect));
      if (begun) {
        response.reset(INTERNAL_ERROR); // over HTTP/1.1 it closes the connection
      }
    } catch (Throwable again) { // then nothing can be written any more
      context.request().connection().close();
    }
  }

  private static Buffer body(Failure failure) {
    return failure.event() == null ? ErrorBody.of(failure) : Buffer.buffer(failure.event().text());
  }

  // The rest of the body would be read as the next request, so the connection is closed.
  private static void end(RequestContext context, HttpServerResponse response, Buffer body) {
    if (context.hasSentAll()) {
      last(context, response, body);
      return;
    }
    response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    last(context, response, body).onComplete(v -> context.request().connection().close());
    // After a chunk that is none Vert.x closes as soon as we have returned.
    Socket.of(context.request().connection()).flush();
  }

  // Over HTTP/2 Vert.x sends the body of an answer to HEAD if it is given one (RFC 9110 §9.3.2).
  private static Future<Void> last(
      RequestContext context, HttpServerResponse response, Buffer body) {
    if (context.wantsBody()) {
      return response.end(body);
    }
    return response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length())).end();
  }

  void log(RequestContext context, Failure failure) {
    failures.failed(context.id(), failure);
  }
}
