package dev.refrain.http;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Head;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Provenance;
import dev.refrain.completion.Source;
import dev.refrain.completion.Streamed;
import dev.refrain.completion.Whole;
import dev.refrain.openai.ErrorBody;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/** Writes answers and refusals. One for each event loop. */
public final class AnswerWriter {
  /** Tokens that the upstream was asked for by this request. */
  static final String PAID = "X-Refrain-Upstream-Tokens";

  private static final CharSequence AGE = HttpHeaders.createOptimized("age");
  private static final CharSequence PRIVATE = HttpHeaders.createOptimized("private, no-store");
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence ACCEL = HttpHeaders.createOptimized("x-accel-buffering");
  private static final CharSequence NO = HttpHeaders.createOptimized("no");

  // What only we can say of this answer. An upstream's own request id stays readable.
  private static final Set<String> OURS = Set.of("cache-control", "age", "x-request-id");
  private static final String UPSTREAM_REQUEST_ID = "x-upstream-request-id";

  private static final long INTERNAL_ERROR = 0x2; // RFC 9113 §7

  private final Observer observer;
  private final FailureLog failures;
  private final LongSupplier clock;
  private final boolean cors;

  /**
   * A writer.
   *
   * @param clock milliseconds of the epoch
   * @param cors whether pages of other origins may read what is answered here
   */
  public AnswerWriter(Observer observer, FailureLog failures, LongSupplier clock, boolean cors) {
    this.observer = observer;
    this.failures = failures;
    this.clock = clock;
    this.cors = cors;
  }

  /** Whether pages of other origins may read what is answered here. */
  boolean isForOtherOrigins() {
    return cors;
  }

  /** Writes an answer of the service. */
  void write(Caller caller, CompletionRequest request, Completion answer) {
    HttpServerResponse response = caller.response();
    if (response.ended() || response.closed()) {
      caller.release();
      return;
    }
    try {
      begin(caller, request, answer);
    } catch (Throwable defect) { // on a callback, where nothing else would answer
      abort(caller, defect);
    }
  }

  private void begin(Caller caller, CompletionRequest request, Completion answer) {
    HttpServerResponse response = caller.response();
    head(response, answer.head());
    long now = clock.getAsLong();
    String status = CacheStatus.of(request, answer, now);
    boolean debugged = caller.line().isDebugged();
    CacheStatus.add(response, debugged ? status + CacheStatus.key(request) : status);
    caller.line().answers(answer);
    Provenance from = answer.provenance();
    crossOrigin(caller);
    if (from.hit()) {
      response.putHeader(AGE, Long.toString(Math.max(0, (now - from.storedAt()) / 1000)));
    }
    if (answer instanceof Whole whole) {
      whole(caller, request, whole);
    } else {
      stream(caller, request, (Streamed) answer);
    }
  }

  /** Writes an answer that is no completion. */
  void write(Caller caller, Whole answer) {
    HttpServerResponse response = caller.response();
    if (!response.ended() && !response.closed()) {
      head(response, answer.head());
      crossOrigin(caller);
      BodyWriter.write(response, answer.body());
      caller.line().ended(answer.head().status(), answer.body().length());
    }
  }

  private void crossOrigin(Caller caller) {
    if (cors) {
      CrossOrigin.answer(caller);
    }
  }

  private static void head(HttpServerResponse response, Head head) {
    response.setStatusCode(head.status());
    for (Map.Entry<String, String> header : head.headers()) {
      pass(response, header.getKey(), header.getValue());
    }
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

  private void whole(Caller caller, CompletionRequest request, Whole answer) {
    saved(request, answer);
    BodyWriter.write(caller.response(), answer.body());
    Provenance from = answer.provenance();
    observer.delayed(from.source(), caller.own(from.waited()));
    finished(caller, request, answer.head().status(), from.source(), answer.body().length());
  }

  private void stream(Caller caller, CompletionRequest request, Streamed answer) {
    caller.response().setChunked(true);
    if (caller.takesTrailers()) {
      caller.response().putHeader("Trailer", PAID);
    }
    new StreamWriter(caller, request, answer, this, observer).start();
  }

  /** Reports what an answer would have cost that did not come from the upstream. */
  void saved(CompletionRequest request, Completion answer) {
    Source source = answer.provenance().source();
    if (source != Source.UPSTREAM && answer.entry().succeeded()) {
      observer.answered(source, request.model(), answer.tokens());
    }
  }

  void finished(Caller caller, CompletionRequest request, int status, Source source, long bytes) {
    caller.release();
    observer.finished(status, request.framing(), source, caller.elapsed(), caller.trace());
    caller.line().ended(status, bytes);
  }

  /** Refuses a request of which nobody knows what it asks for. */
  void refuse(Caller caller, Failure failure) {
    refuse(caller, Framing.WHOLE, failure);
  }

  /** Refuses a request: the error object, and the status of its kind. */
  void refuse(Caller caller, Framing asked, Failure failure) {
    int status = failure.kind().status();
    observer.finished(status, asked, null, caller.elapsed(), caller.trace());
    turnAway(caller, failure);
  }

  /** The same for a request that is none of ours to count. */
  void turnAway(Caller caller, Failure failure) {
    caller.release();
    log(caller, failure);
    HttpServerResponse response = caller.response();
    if (response.ended() || response.closed() || response.headWritten()) {
      caller.line().refused(failure, response.bytesWritten());
      return;
    }
    response.setStatusCode(failure.kind().status());
    crossOrigin(caller);
    response.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
    response.putHeader(HttpHeaders.CACHE_CONTROL, PRIVATE);
    Advice.refuse(response, failure.kind(), caller.key());
    Buffer body = body(failure);
    caller.line().refused(failure, caller.wantsBody() ? body.length() : 0);
    end(caller, response, body);
  }

  /**
   * Ends a request at which Refrain itself failed: a 500 where no head is sent yet, and its
   * connection, or its stream of HTTP/2, ends in any case.
   */
  void abort(Caller caller, Throwable defect) {
    HttpServerResponse response = caller.response();
    try {
      boolean begun = response.headWritten();
      if (!begun && !caller.isStream()) {
        response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        response.endHandler(v -> caller.request().connection().close());
      }
      refuse(caller, Failure.from(defect));
      if (begun) {
        response.reset(INTERNAL_ERROR); // over HTTP/1.1 it closes the connection
      }
    } catch (Throwable again) { // then nothing can be written any more
      caller.request().connection().close();
    }
  }

  private static Buffer body(Failure failure) {
    return failure.event() == null ? ErrorBody.of(failure) : Buffer.buffer(failure.event().text());
  }

  // A body still being sent would be read as the next request, so the connection ends here.
  private static void end(Caller caller, HttpServerResponse response, Buffer body) {
    if (caller.hasSentAll()) {
      last(caller, response, body);
      return;
    }
    response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    last(caller, response, body).onComplete(v -> caller.request().connection().close());
    // After a chunk that is none Vert.x closes as soon as we have returned.
    Socket.of(caller.request().connection()).flush();
  }

  // Over HTTP/2 Vert.x sends the body of an answer to HEAD if it is given one (RFC 9110 §9.3.2).
  private static Future<Void> last(Caller caller, HttpServerResponse response, Buffer body) {
    if (caller.wantsBody()) {
      return response.end(body);
    }
    return response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length())).end();
  }

  void log(Caller caller, Failure failure) {
    failures.failed(caller.id(), failure);
  }
}
