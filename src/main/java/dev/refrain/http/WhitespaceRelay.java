package dev.refrain.http;

import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Split;
import dev.refrain.inference.Whole;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/**
 * Sends white space on that an upstream writes to keep a plain call alive, and the head before it.
 * What follows is the document, or the error object: the status is sent by then. Lives on the event
 * loop of the request, until its answer is known.
 */
final class WhitespaceRelay {
  private final RequestContext context;
  private final InferenceRequest request;
  private final ResponseWriter writer;
  private boolean begun;
  private boolean over;

  /** A relay for a request that waits for its answer. */
  WhitespaceRelay(RequestContext context, InferenceRequest request, ResponseWriter writer) {
    this.context = context;
    this.request = request;
    this.writer = writer;
  }

  /** Whether the head of the response went out with the first white space. */
  boolean begun() {
    return begun;
  }

  /** The answer has arrived: no more white space is sent. */
  void end() {
    over = true;
  }

  /**
   * Sends white space, unless it would only wait for its reader.
   *
   * @param beginning with the head of the answer, which goes out before the first of it
   */
  void write(Whole beginning) {
    HttpServerResponse response = context.response();
    if (over || request.framing() != Framing.WHOLE || response.ended() || response.closed()) {
      return;
    }
    if (response.writeQueueFull()) {
      return;
    }
    if (!begun) {
      begin(response, beginning);
    }
    response.write(beginning.body());
  }

  private void begin(HttpServerResponse response, Whole beginning) {
    writer.head(context, request, isDivided() ? ofPart(beginning) : beginning);
    if (context.endsWithConnection()) {
      response.endHandler(v -> context.request().connection().close());
    }
    response.setChunked(true);
    begun = true;
  }

  private boolean isDivided() {
    return request.split() != Split.NONE && !request.split().asOne();
  }

  // Where the other parts come from is not known yet.
  private Whole ofPart(Whole beginning) {
    Provenance some = Provenance.of(List.of(), request.split().parts());
    return beginning.with(beginning.head().merged(), beginning.body()).from(some);
  }
}
