package dev.refrain.http;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Source;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Tokens;
import dev.refrain.sse.ErrorBody;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * Writes one stream: what comes in a turn of the event loop leaves in one socket write. Holds the
 * source back while the caller's socket is full.
 */
final class StreamWriter implements Frames.Reader {
  private static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");
  // The bytes of one turn are bounded, or a replayed recording would be copied whole.
  private static final int PENDING_LIMIT = BodyWriter.PIECE;
  // As long as the events of most turns together; longer ones grow as they come.
  private static final int ROOM = 4 * 1024;
  // Other heap of a stream that is held back, above all reads from its source.
  private static final int HELD_BESIDE = 48 * 1024;

  private final RequestContext caller;
  private final HttpServerResponse response;
  private final InferenceRequest request;
  private final Streamed answer;
  private final ResponseWriter writer;
  private final Observer observer;
  private final SlowReaders readers;
  private final Context context = Vertx.currentContext();

  private Buffer pending = Buffer.buffer();
  private int at;
  private HeldResponse held;
  private boolean scheduled;
  private boolean waiting;
  private boolean over;
  private long lastFrame;

  StreamWriter(
      RequestContext context,
      InferenceRequest request,
      Streamed answer,
      ResponseWriter writer,
      Observer observer,
      SlowReaders readers) {
    this.caller = context;
    this.response = context.response();
    this.request = request;
    this.answer = answer;
    this.writer = writer;
    this.observer = observer;
    this.readers = readers;
  }

  void start() {
    request.cancellation().onCancel(this::left);
    answer.frames().read(this);
  }

  @Override
  public void frame(Frame frame) {
    if (over) {
      return; // the client has left, frames that crossed event loops meanwhile are dropped
    }
    if (!frame.isComment()) {
      time();
    }
    frame.appendTo(pending);
    if (!scheduled) {
      scheduled = true;
      context.runOnContext(v -> flush());
    }
    if (pending.length() >= PENDING_LIMIT) {
      flush();
    }
  }

  private void time() {
    long now = caller.nanos();
    if (lastFrame == 0) {
      Provenance from = answer.provenance();
      observer.delayed(from.source(), caller.own(from.waited()));
      observer.firstFrame(now, caller.trace());
      caller.line().firstByte();
    } else {
      observer.nextFrame(now - lastFrame);
    }
    lastFrame = now;
  }

  private void flush() {
    scheduled = false;
    try {
      write();
    } catch (RuntimeException defect) { // what it was to write is lost, so nothing may follow
      abort(defect);
    }
  }

  private void write() {
    while (!over && !waiting && !response.closed() && at < pending.length()) {
      piece();
      if (response.writeQueueFull()) {
        hold();
      }
    }
  }

  // One write for what a turn brings, but a long event in pieces, as the socket takes them.
  private void piece() {
    int to = Math.min(pending.length(), at + PENDING_LIMIT);
    boolean all = at == 0 && to == pending.length();
    Buffer out = all ? pending : pending.slice(at, to);
    at = to;
    if (at == pending.length()) {
      pending = Buffer.buffer(Math.max(256, Math.min(out.length(), ROOM)));
      at = 0;
    }
    response.write(out);
  }

  private void hold() {
    if (over || response.closed()) {
      return; // the caller left within the write
    }
    waiting = true;
    answer.frames().pause();
    if (held == null) {
      held = new HeldResponse(caller.request(), readers);
      response.drainHandler(v -> drained());
    }
    held.await(HELD_BESIDE + pending.length());
  }

  private void drained() {
    if (over || !waiting || response.closed()) {
      return;
    }
    waiting = false;
    held.goOn();
    flush();
    if (!waiting) {
      answer.frames().resume();
    }
  }

  @Override
  public void end() {
    try {
      trail();
      close(DONE, answer.head().status());
      writer.saved(request, answer);
    } catch (RuntimeException defect) {
      abort(defect);
    }
  }

  private void abort(RuntimeException defect) {
    over = true;
    if (held != null) {
      held.end();
    }
    request.cancellation().cancel();
    writer.abort(caller, defect);
  }

  // Only now is it known what the stream has cost.
  private void trail() {
    Tokens paid =
        answer.provenance().source() == Source.UPSTREAM ? answer.tokens() : Tokens.of(0, 0);
    if (paid.known() && response.headers().contains("Trailer")) {
      response.putTrailer(ResponseWriter.PAID, Long.toString(paid.total()));
    }
  }

  @Override
  public void fail(Failure failure) {
    writer.log(caller, failure);
    Frame event = failure.event() == null ? ErrorBody.event(failure) : failure.event();
    close(Buffer.buffer(event.event()), failure.kind().status());
  }

  private void left() {
    if (!over) {
      over = true;
      int status = Failure.Kind.CANCELLED.status();
      finished(status, response.bytesWritten());
    }
  }

  private void finished(int status, long bytes) {
    if (held != null) {
      held.end();
    }
    writer.finished(caller, request, answer, status, bytes);
  }

  private void close(Buffer last, int status) {
    over = true;
    Buffer rest = at == 0 ? pending : pending.getBuffer(at, pending.length());
    finished(status, response.bytesWritten() + rest.length() + last.length());
    if (!response.closed()) {
      Future<Void> ended = response.end(rest.appendBuffer(last));
      if (caller.endsWithConnection()) {
        ended.onComplete(v -> caller.request().connection().close());
      }
    }
  }
}
