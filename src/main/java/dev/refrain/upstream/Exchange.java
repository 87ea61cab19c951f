package dev.refrain.upstream;

import dev.refrain.inference.Completeness;
import dev.refrain.inference.Deadlines;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.CallOutcome;
import dev.refrain.inference.RequestListener.Step;
import dev.refrain.inference.Source;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Tokens;
import dev.refrain.inference.UpstreamTime;
import dev.refrain.inference.Whole;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.sse.ErrorStatus;
import dev.refrain.upstream.UpstreamCall.AnswerLimits;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.util.List;

/**
 * Life cycle of one call, with its four timeouts: connecting, waiting for the first byte, receiving
 * (in {@link WholeAnswer} or {@link UpstreamFrames}), done.
 */
final class Exchange implements Deadlines.Timed {
  private static final long TRAILING_NANOS = 1_000_000_000;
  private static final long UNUSED = 0x8; // the pool has the connection back
  private static final int TOO_MANY_REQUESTS = 429; // RFC 6585 §4
  private static final int UNAVAILABLE = 503; // RFC 9110 §15.6.4

  private final InferenceRequest request;
  private final Attempt attempt;
  private final Target target;
  private final Deadlines deadlines;
  private final AnswerLimits limits;
  private final FieldRoles roles;
  private final Observer observer;
  private final Promise<InferenceResponse> answer = Promise.promise();
  private final long begin = System.nanoTime();
  private final long totalDue;

  private ConcurrencyLimit.Permit permit;
  private Client client;
  private HttpClientRequest call;
  private boolean repeated;
  private HttpClientResponse source;
  private AnswerBody body;
  private Receiver receiver;
  private CallPhase timeout;
  private long due;
  private boolean called;
  private boolean connecting;
  private boolean over;

  /** Receives a response. */
  interface Receiver {
    /** The next bytes of the body. */
    void received(Buffer chunk);

    /** The body has ended. */
    void ended();

    /** Ends the call before its answer is complete. */
    void broken(Failure failure);
  }

  Exchange(
      InferenceRequest request,
      Attempt attempt,
      Deadlines deadlines,
      AnswerLimits limits,
      FieldRoles roles,
      Observer observer) {
    this.request = request;
    this.attempt = attempt;
    this.target = attempt.target();
    this.deadlines = deadlines;
    this.limits = limits;
    this.roles = roles;
    this.observer = observer;
    this.totalDue = attempt.since() + target.totalTimeout().toNanos();
  }

  Future<InferenceResponse> start(Client over) {
    client = over;
    if (request.cancellation().isCancelled()) {
      return Future.failedFuture(cancelled());
    }
    wait(CallPhase.TURN);
    deadlines.add(this);
    request.cancellation().onCancel(() -> abort(cancelled(), CallOutcome.CANCELLED));
    permit =
        attempt
            .upstream()
            .limit()
            .permit(
                new CallTurn(request, roles, this::call, full -> abort(full, CallOutcome.FAILED)));
    permit.take();
    return answer.future();
  }

  private void call() {
    if (over) {
      return;
    }
    called = true;
    observer.upstreamBegan(request.language().endpoint());
    attempt.upstream().tried();
    RequestOptions options = options();
    held();
    connecting = true;
    client.request(options).onComplete(this::connected);
  }

  private RequestOptions options() {
    long millis = Math.max(1, (due - System.nanoTime()) / 1_000_000);
    return CompletionCall.options(request, target).setConnectTimeout(millis);
  }

  private void connected(AsyncResult<HttpClientRequest> connection) {
    connecting = false;
    if (over) {
      permit.leave();
    }
    if (connection.failed()) {
      failed(connection.cause());
      return;
    }
    HttpClientRequest connected = connection.result();
    connected.exceptionHandler(cause -> {}); // else the client would log it as well
    if (over) {
      connected.reset(UNUSED);
      return;
    }
    if (!repeated) {
      attempt.sent();
      request.listener().step(Step.SENT, target.name());
    }
    wait(CallPhase.FIRST_BYTE);
    send(connected, client.isReused(connected));
  }

  private void send(HttpClientRequest connected, boolean reused) {
    call = connected;
    Handler<Throwable> failed = cause -> failed(connected, reused, cause);
    connected.response().onComplete(this::responded, failed);
    try {
      PiecewiseBody.send(connected, CompletionCall.body(request, attempt)).onFailure(failed);
    } catch (RuntimeException refused) {
      failed(refused); // by the codec
    }
  }

  private void failed(HttpClientRequest connected, boolean reused, Throwable cause) {
    if (connected != call) {
      return;
    }
    if (over || repeated || !reused || !ExceptionMapper.isRepeatable(cause, false)) {
      failed(cause);
      return;
    }
    repeated = true;
    call = null;
    client.abandon(connected);
    wait(CallPhase.TURN);
    connecting = true;
    client.fresh(options()).onComplete(this::connected);
  }

  private void responded(HttpClientResponse response) {
    if (over) {
      return;
    }
    request.listener().step(Step.ANSWERED, target.name());
    MultiMap headers = HopByHop.response(response.headers());
    target.prepareResponse(headers);
    Head head = new Head(response.statusCode(), headers);
    List<String> codings = ContentDecoder.codings(response.headers());
    boolean known = ContentDecoder.knows(codings);
    if (!known && head.ok()) {
      response.exceptionHandler(cause -> {}); // it ends by our own reset
      refuse(ContentDecoder.unknown(codings));
      return;
    }
    source = response;
    Head plain = codings.isEmpty() || !known ? head : ContentDecoder.decoded(head);
    List<String> decoded = known ? codings : List.of(); // an error passes as it came
    body = new AnswerBody(this, response, plain, request.framing(), decoded, limits.whole());
  }

  /** The reader of an answer of this form. */
  Receiver receiver(AnswerForm form, Head head) {
    if (form == AnswerForm.DOCUMENT || request.language().streams().isEmpty()) {
      Head plain = head.isEventStream() && head.ok() ? head.with("application/json") : head;
      receiver = new WholeAnswer(this, request, plain, limits, source.headers());
      return receiver;
    }
    Head events = head.isEventStream() ? head : head.with(Head.EVENT_STREAM);
    CompletenessCheck check = request.streams().check(request.elements());
    receiver = new UpstreamFrames(this, source, events, check, limits.event());
    return receiver;
  }

  /** How long the upstream was waited for so far, earlier tries included. */
  UpstreamTime waited() {
    return UpstreamTime.since(attempt.since());
  }

  /** The head of a stream is worth answering with: something of its body is there. */
  void answered(Streamed completion) {
    answer.tryComplete(completion);
  }

  /** Something came; the next read has its time. */
  void received() {
    wait(CallPhase.IDLE);
  }

  /** We ourselves hold the answer back: only the whole time runs. */
  void held() {
    timeout = CallPhase.TOTAL;
    due = totalDue;
  }

  private void wait(CallPhase phase) {
    long phaseDue = System.nanoTime() + phase.limit(target).toNanos();
    timeout = phaseDue - totalDue < 0 ? phase : CallPhase.TOTAL;
    due = timeout == phase ? phaseDue : totalDue;
  }

  @Override
  public long due() {
    return due;
  }

  @Override
  public void overdue() {
    if (over) { // complete, but the server does not end the body
      deadlines.remove(this);
      client.abandon(call);
      return;
    }
    String message = timeout.overdue(target);
    Kind kind = timeout == CallPhase.TURN ? Kind.OVERLOADED : Kind.UPSTREAM_TIMEOUT;
    abort(Failure.of(kind, message), CallOutcome.FAILED);
  }

  /** The answer came to its end. */
  void done(CallOutcome callOutcome) {
    if (over) {
      return;
    }
    over = true;
    deadlines.remove(this);
    if (!connecting) {
      permit.leave(); // else when its wait in the pool is over, so that the pool never has too many
    }
    if (called) {
      observer.upstreamEnded(callOutcome, System.nanoTime() - begin);
    }
  }

  /** Lets go of the connection although the answer has not ended. */
  void abort(Failure cause, CallOutcome callOutcome) {
    if (over) {
      return;
    }
    Failure failure = cause.at(target.name());
    done(callOutcome);
    if (call != null) {
      client.abandon(call);
    }
    if (!answer.tryFail(failure)
        && callOutcome != CallOutcome.CANCELLED
        && !attempt.isPointless()) {
      attempt.failed(false); // it answered, and did not keep it up
    }
    if (body != null) {
      body.close();
    }
    if (receiver != null) {
      receiver.broken(failure);
    }
  }

  /** A stream ended early, because of its upstream or its reader. */
  void brokenOff(Tokens spent) {
    request.costs().paid(request.model(), spent);
  }

  /** Ends the call because its answer is too large or cannot be read. */
  void refuse(String what) {
    refuse(broken(what, null));
  }

  void refuse(Failure failure) {
    attempt.pointless();
    abort(failure, CallOutcome.FAILED);
  }

  /**
   * A stream reported an error. As long as its head was not passed on, that is an answer with a
   * status of its own; later it ends the stream.
   */
  void reported(Head head, Frame event) {
    int status = ErrorStatus.of(event);
    if (!answer.future().isComplete()) {
      Head error = new Head(status, head.with("application/json").headers());
      finished(error, Buffer.buffer(event.text()));
      client.abandon(call); // what else comes is of no use
      return;
    }
    if (ErrorStatus.isOfCaller(status)) {
      attempt.pointless();
    }
    abort(Failure.reported(event), CallOutcome.FAILED);
  }

  /**
   * A stream came to its terminator; its body should end as well, so that the connection can be
   * reused.
   *
   * @param spent what it said it cost, or an estimate where it did not say
   */
  void finished(Tokens said, Tokens spent, boolean bodyEnded) {
    permit.served();
    done(CallOutcome.ANSWERED);
    observer.answered(request, Source.UPSTREAM, said);
    request.costs().paid(request.model(), spent);
    if (!bodyEnded) {
      due = System.nanoTime() + TRAILING_NANOS;
      deadlines.add(this);
    }
  }

  /** The body has ended: the connection is free again. */
  void ended() {
    if (over) {
      deadlines.remove(this);
    }
  }

  /** A whole answer has arrived. */
  void finished(Head head, Buffer body) {
    if (over) {
      return; // the client reports an end after an exception, too
    }
    UpstreamTime waited = waited();
    int status = head.status();
    permit.ended(status == TOO_MANY_REQUESTS || status == UNAVAILABLE, status < 400);
    done(status < 400 ? CallOutcome.ANSWERED : CallOutcome.REFUSED);
    answer.complete(Whole.notStorable(head, body, completeness(head, body), waited));
  }

  private Completeness completeness(Head head, Buffer body) {
    if (!head.ok()) {
      return Completeness.NONE;
    }
    Completeness completeness = request.language().completeness(body, request.elements());
    observer.answered(request, Source.UPSTREAM, completeness.tokens());
    if (completeness.tokens().known()) {
      request.costs().paid(request.model(), completeness.tokens());
    }
    return completeness;
  }

  /** An exception of the client, before or while the answer comes. */
  void failed(Throwable cause) {
    Failure failure = ExceptionMapper.translate(cause, call != null);
    if (!over && call == null && failure.kind() == Kind.UPSTREAM_TIMEOUT) {
      permit.refused(); // it does not even take connections
    }
    abort(
        failure, ExceptionMapper.isMalformed(failure) ? CallOutcome.MALFORMED : CallOutcome.FAILED);
  }

  static Failure broken(String what, Throwable cause) {
    return ExceptionMapper.broken(what, cause);
  }

  private static Failure cancelled() {
    return Failure.of(Kind.CANCELLED, "the client cancelled the request");
  }
}
