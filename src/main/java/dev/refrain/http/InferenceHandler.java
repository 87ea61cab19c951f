package dev.refrain.http;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.Phase;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Whole;
import dev.refrain.openai.RequestReader;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;

/**
 * One request to an endpoint from head to end: read the body, read the request, ask the service,
 * write.
 */
public final class InferenceHandler {
  private final BodyReader bodies;
  private final RequestReader reader;
  private final InferenceService service;
  private final ResponseWriter writer;
  private final Observer observer;

  /**
   * A handler for the event loop it is used on.
   *
   * @param bodies of the same event loop
   */
  public InferenceHandler(
      BodyReader bodies,
      RequestReader reader,
      InferenceService service,
      ResponseWriter writer,
      Observer observer) {
    this.bodies = bodies;
    this.reader = reader;
    this.service = service;
    this.writer = writer;
    this.observer = observer;
  }

  /** Whether a request to the path of the endpoint is for this handler. */
  boolean isFor(HttpMethod method) {
    return method == HttpMethod.POST || reader.postOnly() && method != HttpMethod.OPTIONS;
  }

  /** Answers a request. */
  void handle(RequestContext context) {
    context.endpoint(reader.endpoint());
    bodies
        .read(context.request(), context.hold(bodies.reserve()))
        .onComplete(body -> answer(context, body), cause -> unread(context, Failure.from(cause)));
  }

  private void answer(RequestContext context, Buffer body) {
    try {
      complete(context, body);
    } catch (Failure refusal) {
      writer.refuse(context, refusal);
    } catch (Throwable defect) { // without an answer the caller would wait for ever
      writer.abort(context, defect);
    }
  }

  private void unread(RequestContext context, Failure failure) {
    if (failure.kind() == Failure.Kind.CANCELLED) {
      observer.disconnected(Phase.BODY);
    }
    writer.refuse(context, failure);
  }

  private void complete(RequestContext context, Buffer body) {
    context.heard();
    boolean maySpend = context.key() == null || context.key().maySpend();
    InferenceRequest asked = read(context, body);
    // A stored answer costs nothing, so a key without tokens may have it.
    InferenceRequest request = maySpend ? asked : asked.with(asked.directives().cachedOnly());
    if (request.sharing() instanceof Sharing.Unshareable unshareable) {
      observer.bypassed(unshareable.reason());
    }
    context.line().authenticated(request);
    answer(context, request, maySpend);
  }

  private InferenceRequest read(RequestContext context, Buffer body) {
    String endpoint = endpoint(context);
    InferenceRequest request =
        reader.read(
            context.call(),
            endpoint,
            reader.scope(tenant(context), context.request().headers(), endpoint),
            body,
            new Cancellation());
    Failure refusal = context.key() == null ? null : context.key().choose(request.model());
    if (refusal != null) {
      throw refusal;
    }
    return request;
  }

  private static String tenant(RequestContext context) {
    return context.key() == null ? null : context.key().tenant();
  }

  private String endpoint(RequestContext context) {
    String query = context.request().query();
    String path = reader.endpoint().path();
    return query == null ? path : path + "?" + query;
  }

  private void answer(RequestContext context, InferenceRequest request, boolean maySpend) {
    Future<InferenceResponse> answer = ask(request);
    if (answer.result() instanceof Whole hit) { // without callbacks, which would be garbage
      writer.write(context, request, hit);
      return;
    }
    // A stream that is there at once can be left as well.
    if (!answer.failed()) {
      watch(context, request.cancellation());
      context.relay(new WhitespaceRelay(context, request, writer));
    }
    answer.onComplete(
        response -> answered(context, request, response),
        cause -> failed(context, request, told(context, Failure.from(cause), maySpend)));
  }

  private void answered(
      RequestContext context, InferenceRequest request, InferenceResponse response) {
    context.answered();
    writer.write(context, request, response);
  }

  private void failed(RequestContext context, InferenceRequest request, Failure failure) {
    context.answered();
    writer.refuse(context, request, failure);
  }

  private static Failure told(RequestContext context, Failure failure, boolean maySpend) {
    return !maySpend && failure.kind() == Failure.Kind.NOT_CACHED ? context.key().spent() : failure;
  }

  private Future<InferenceResponse> ask(InferenceRequest request) {
    try {
      return service.respond(request);
    } catch (Throwable cause) { // here, too
      return Future.failedFuture(cause);
    }
  }

  // Both are needed: which of them is called depends on how the caller leaves.
  private void watch(RequestContext context, Cancellation cancellation) {
    context
        .response()
        .exceptionHandler(cause -> left(context.response(), cancellation))
        .closeHandler(v -> left(context.response(), cancellation));
  }

  private void left(HttpServerResponse response, Cancellation cancellation) {
    if (!cancellation.isCancelled() && !response.ended()) {
      observer.disconnected(response.headWritten() ? Phase.STREAMING : Phase.WAITING);
    }
    cancellation.cancel();
  }
}
