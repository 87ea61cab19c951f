package dev.refrain.upstream.passthrough;

import dev.refrain.inference.Deadlines;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Observer;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.RequestListener.Step;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.upstream.Client;
import dev.refrain.upstream.ExceptionMapper;
import dev.refrain.upstream.Target;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.NetSocket;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;

/**
 * One forwarded request, from its head to the last byte of its response. Owns the ending and the
 * clock; the bytes belong to {@link Upload}, {@link Download} or {@link Tunnel}.
 */
final class ProxiedExchange implements Deadlines.Timed {
  private static final long CANCEL = 0x8; // RFC 9113 §7
  private static final long INTERNAL_ERROR = 0x2;
  // RFC 9110 §9.2.2
  private static final Set<HttpMethod> IDEMPOTENT =
      Set.of(
          HttpMethod.GET,
          HttpMethod.HEAD,
          HttpMethod.OPTIONS,
          HttpMethod.PUT,
          HttpMethod.DELETE,
          HttpMethod.TRACE);
  private static final int SWITCHING_PROTOCOLS = 101;

  private final HttpServerRequest request;
  private final Target target;
  private final Deadlines deadlines;
  private final Duration sendTimeout;
  private final MemoryBudget memory;
  private final Observer observer;
  private final RequestListener listener;
  private final ReadStream<Buffer> body;
  private final Tap tap;
  private final Promise<Void> passed = Promise.promise();

  private Client client;
  private RequestOptions options;
  private HttpClientRequest call;
  private boolean repeated;
  private Upload upload;
  private Download download;
  private Tunnel tunnel;
  private TimeoutPhase timeoutPhase;
  private long due;
  private boolean over;

  ProxiedExchange(
      HttpServerRequest request,
      Target target,
      Deadlines deadlines,
      Duration sendTimeout,
      MemoryBudget memory,
      Observer observer,
      RequestListener listener,
      ReadStream<Buffer> body,
      Tap tap) {
    this.request = request;
    this.target = target;
    this.deadlines = deadlines;
    this.sendTimeout = sendTimeout;
    this.memory = memory;
    this.observer = observer;
    this.listener = listener;
    this.body = body;
    this.tap = tap;
  }

  /** As {@link PassThrough#apply} says. */
  Future<Void> start(Client over, String uri) {
    client = over;
    options = options(uri);
    observer.passThroughBegan();
    request.pause(); // until there is a connection to send it on
    request.exceptionHandler(this::unreadable);
    // Both are needed: which of them is called depends on how the caller leaves.
    request
        .response()
        .exceptionHandler(this::unreadable) // also called for a body that cannot be read
        .closeHandler(v -> left());
    client.request(options).onComplete(this::connected, this::failed);
    return passed.future();
  }

  Target target() {
    return target;
  }

  Tap tap() {
    return tap;
  }

  private RequestOptions options(String uri) {
    return target
        .request()
        .setMethod(request.method())
        .setURI(uri)
        .setHeaders(HeaderCopier.request(request, target));
  }

  private void connected(HttpClientRequest connected) {
    if (over) {
      connected.exceptionHandler(cause -> {}).reset(CANCEL); // unused, so the pool may have it
      return;
    }
    call = connected;
    if (!repeated) {
      listener.step(Step.SENT, target.name());
      deadlines.add(this);
    }
    boolean reused = client.isReused(connected);
    Handler<Throwable> failed = cause -> failed(connected, reused, cause);
    call.exceptionHandler(failed);
    try {
      send(failed, reused);
    } catch (RuntimeException refused) {
      failed(refused); // by the codec
    }
  }

  private void send(Handler<Throwable> failed, boolean reused) {
    if (HeaderCopier.isWebSocket(request)) {
      if (!repeated) {
        request.resume(); // there is nothing to read but its end
      }
      progress();
      call.connect().onComplete(this::responded, failed);
      return;
    }
    call.response().onComplete(this::responded, failed);
    if (repeated) {
      upload = upload.again(call);
    } else {
      upload = new Upload(request, body, call, this, memory.reserve(Use.REQUEST_BODIES));
      if (!reused) {
        upload.forget();
      }
      upload.start();
    }
    progress();
  }

  private void failed(HttpClientRequest connected, boolean reused, Throwable cause) {
    if (connected != call) {
      return;
    }
    boolean unread = download == null && tunnel == null && !over;
    if (!unread || repeated || !reused || !isHere() || !isRepeatable(cause)) {
      failed(cause);
      return;
    }
    repeated = true;
    call = null;
    if (upload != null) {
      upload.hold();
    }
    client.abandon(connected);
    client.fresh(options).onComplete(this::connected, this::failed);
  }

  private boolean isHere() {
    return upload == null || upload.isRepeatable();
  }

  private boolean isRepeatable(Throwable cause) {
    return ExceptionMapper.isRepeatable(cause, IDEMPOTENT.contains(request.method()));
  }

  private void responded(HttpClientResponse response) {
    if (over) {
      return;
    }
    listener.step(Step.ANSWERED, target.name());
    response.exceptionHandler(this::brokenOff);
    if (upload != null) {
      upload.forget();
    }
    if (response.statusCode() == SWITCHING_PROTOCOLS && upload == null) {
      open(response);
    } else if (response.statusCode() < 200 || isCoded(response)) {
      fail(broken("sent an unrequested 1xx response or transfer coding", null));
    } else {
      tap.head(response.statusCode(), response.headers());
      download = new Download(request, response, this);
      progress();
      download.start(upload != null && !upload.isDone());
    }
  }

  // A recipient must decode a transfer coding, and only this one is supported.
  private static boolean isCoded(HttpClientResponse response) {
    String coding = response.getHeader(HttpHeaders.TRANSFER_ENCODING);
    return coding != null && !coding.equalsIgnoreCase("chunked");
  }

  private void open(HttpClientResponse response) {
    NetSocket far = response.netSocket();
    far.pause();
    HeaderCopier.upgraded(response, target, request.response());
    request
        .toNetSocket()
        .onSuccess(
            near -> {
              tunnel = new Tunnel(near, far, this::progress, this::closed);
              progress();
              tunnel.start();
            })
        .onFailure(cause -> fail(Failure.from(cause)));
  }

  /** There was progress, or there may be: the timeout of the next phase starts. */
  void progress() {
    timeoutPhase = waitsFor();
    due = System.nanoTime() + timeoutPhase.limit(target, sendTimeout).toNanos();
  }

  private TimeoutPhase waitsFor() {
    if (tunnel != null) {
      return TimeoutPhase.TUNNEL;
    }
    if (download != null && download.isHeld()) {
      return TimeoutPhase.READER;
    }
    if (upload != null && !upload.isDone()) {
      return upload.waitsFor();
    }
    return download == null ? TimeoutPhase.FIRST_BYTE : download.waitsFor();
  }

  @Override
  public long due() {
    return due;
  }

  @Override
  public void overdue() {
    fail(timeoutPhase.overdue(target, sendTimeout));
  }

  /** The answer is written to its end. */
  void downloaded() {
    if (over) {
      return;
    }
    boolean early = upload == null || !upload.isDone();
    end(download.status());
    if (early) {
      client.abandon(call);
    }
    if (early && upload != null && !request.isEnded()) {
      upload.abandon();
      Linger.on(request, deadlines);
    }
    passed.complete();
  }

  private void brokenOff(Throwable cause) {
    fail(broken("broke off its answer", cause));
  }

  private void closed() {
    if (!over) {
      end(SWITCHING_PROTOCOLS);
      passed.complete();
    }
  }

  private void unreadable(Throwable cause) {
    boolean gone =
        cause instanceof HttpClosedException
            || cause instanceof StreamResetException
            || cause instanceof IOException;
    if (gone) {
      left();
    } else {
      fail(Failure.of(Kind.INVALID, "the body cannot be read", cause));
    }
  }

  private void left() {
    if (!over && download != null && upload.isDone() && tap.takesRest()) {
      download.drain();
    } else {
      fail(cancelled());
    }
  }

  private void failed(Throwable cause) {
    fail(ExceptionMapper.translate(cause, call != null));
  }

  /** Lets go of both sides; the caller gets an error if there is still a way to say it. */
  private void fail(Failure failure) {
    if (over) {
      return;
    }
    end(failure.kind().status());
    if (tunnel != null) {
      call.connection().close();
    } else if (call != null) {
      client.abandon(call);
    }
    if (tunnel != null) {
      tunnel.close();
    } else if (request.response().headWritten()) {
      request.response().reset(INTERNAL_ERROR); // over HTTP/1.1 it closes the connection
    } else {
      forgetBody();
    }
    passed.fail(failure.at(target.name()));
  }

  private void forgetBody() {
    if (upload != null) {
      upload.abandon();
    } else if (!request.isEnded()) {
      request.resume();
    }
  }

  private void end(int status) {
    over = true;
    deadlines.remove(this);
    if (upload != null) {
      upload.forget();
    }
    if (download != null) {
      download.stop();
    }
    observer.passThroughEnded(
        request.method().name(), request.path(), status, bytesUp(), bytesDown());
  }

  private long bytesUp() {
    if (tunnel != null) {
      return tunnel.up();
    }
    return upload == null ? 0 : upload.bytes();
  }

  private long bytesDown() {
    if (tunnel != null) {
      return tunnel.down();
    }
    return download == null ? 0 : download.bytes();
  }

  private static Failure broken(String what, Throwable cause) {
    return ExceptionMapper.broken(what, cause);
  }

  private static Failure cancelled() {
    return Failure.of(Kind.CANCELLED, "the caller left");
  }
}
