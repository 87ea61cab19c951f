package dev.refrain.fanout;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;

/**
 * Reads an unrequested event stream and folds it into the requested document. Lives on one event
 * loop.
 */
final class FoldedStream implements Frames.Reader {
  private final InferenceRequest request;
  private final Streamed stream;
  private final long limit;
  private final Buffer events = Buffer.buffer();
  private final Promise<InferenceResponse> document = Promise.promise();

  private FoldedStream(InferenceRequest request, Streamed stream, long limit) {
    this.request = request;
    this.stream = stream;
    this.limit = limit;
  }

  /**
   * The answer in the framing asked for: itself unless it is such a stream.
   *
   * @param limit most bytes of its events
   */
  static Future<InferenceResponse> of(
      InferenceRequest request, InferenceResponse answer, long limit) {
    if (request.framing() == Framing.STREAM || !(answer instanceof Streamed stream)) {
      return Future.succeededFuture(answer);
    }
    FoldedStream folded = new FoldedStream(request, stream, limit);
    stream.frames().read(folded);
    return folded.document.future();
  }

  @Override
  public void frame(Frame frame) {
    if (frame.isComment()) {
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
    request
        .streams()
        .fold(events)
        .ifPresentOrElse(
            body -> document.tryComplete(whole(body)),
            () -> fail(broken("is not the answer that was asked for")));
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
