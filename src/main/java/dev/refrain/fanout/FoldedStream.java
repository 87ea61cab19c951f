package dev.refrain.fanout;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import dev.refrain.json.Slice;
import dev.refrain.sse.ErrorStatus;
import dev.refrain.sse.EventSplitter;
import dev.refrain.sse.Replay;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;

/**
 * Reads an unrequested event stream, under whatever media type, and folds it into the requested
 * document. An error among the events is the answer. Lives on one event loop.
 */
final class FoldedStream implements Frames.Reader {
  private final InferenceRequest request;
  private final InferenceResponse stream;
  private final CompletenessCheck check;
  private final long limit;
  private final Buffer events = Buffer.buffer();
  private final Promise<InferenceResponse> document = Promise.promise();

  private FoldedStream(InferenceRequest request, InferenceResponse stream, long limit) {
    this.request = request;
    this.stream = stream;
    this.check = request.streams().check(request.elements());
    this.limit = limit;
  }

  /**
   * The answer in the requested framing: itself unless it is such a stream.
   *
   * @param limit most bytes of its events
   */
  static Future<InferenceResponse> of(
      InferenceRequest request, InferenceResponse answer, long limit) {
    if (request.framing() == Framing.STREAM || request.language().streams().isEmpty()) {
      return Future.succeededFuture(answer);
    }
    Frames frames = frames(answer);
    if (frames == null) {
      return Future.succeededFuture(answer);
    }
    FoldedStream folded = new FoldedStream(request, answer, limit);
    frames.read(folded);
    return folded.document.future();
  }

  private static Frames frames(InferenceResponse answer) {
    if (answer instanceof Streamed stream) {
      return stream.frames();
    }
    Buffer body = ((Whole) answer).body();
    return answer.head().ok() && isEvents(body) ? new Replay(body) : null;
  }

  // Under another media type, such as text/plain; no document begins like an event.
  private static boolean isEvents(Buffer body) {
    int at = 0;
    while (at < body.length() && body.getByte(at) <= ' ' && body.getByte(at) >= 0) {
      at++;
    }
    if (at == body.length() || body.getByte(at) == '{') {
      return false;
    }
    EventSplitter events = new EventSplitter(body.length());
    events.feed(body);
    Frame first = events.next();
    while (first != null && first.isComment()) {
      first = events.next();
    }
    return first != null && Slice.of(first).isObject();
  }

  @Override
  public void frame(Frame frame) {
    if (frame.isComment() || document.future().isComplete()) {
      return;
    }
    check.add(frame);
    if (check.failed()) {
      document.tryComplete(reported(frame));
      return;
    }
    if (events.length() + (long) frame.length() > limit) {
      fail(broken("has over " + limit + " bytes"));
      request.cancellation().cancel();
      return;
    }
    frame.appendTo(events);
  }

  @Override
  public void end() {
    if (document.future().isComplete()) {
      return;
    }
    request
        .streams()
        .fold(events)
        .ifPresentOrElse(
            body -> document.tryComplete(whole(body)),
            () -> fail(broken("is not the answer that was asked for")));
  }

  /** An error among the events, as the answer that it would have been in their place. */
  private Whole reported(Frame error) {
    Head head = new Head(ErrorStatus.of(error), stream.head().with("application/json").headers());
    return Whole.notStorable(head, Buffer.buffer(error.text())).from(stream.provenance());
  }

  private Whole whole(Buffer body) {
    Head head = stream.head().merged().with("application/json");
    return new Whole(
        head,
        body,
        request.language().completeness(body, request.elements()),
        stream.provenance(),
        Entry.none());
  }

  @Override
  public void fail(Failure failure) {
    document.tryFail(failure);
  }

  private static Failure broken(String what) {
    return Failure.of(
        Failure.Kind.UPSTREAM_BROKEN,
        "the upstream answered a part of the request with a stream that " + what);
  }
}
