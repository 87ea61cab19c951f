package dev.refrain.http;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.Phase;
import dev.refrain.inference.Sample;
import dev.refrain.inference.SampleNumbers;
import dev.refrain.inference.Sharing.Reason;
import dev.refrain.inference.Sharing.Unnumbered;
import dev.refrain.inference.Sharing.Unshareable;
import dev.refrain.inference.Whole;
import dev.refrain.keys.Key.KeyDenial;
import dev.refrain.openai.RequestReader;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;

/**
 * One request to an endpoint from head to end: read the body, read the request, call the service,
 * write the answer.
 */
public final class InferenceHandler {
  private final BodyReader bodies;
  private final RequestReader reader;
  private final InferenceService service;
  private final SampleNumbers samples;
  private final ResponseWriter writer;
  private final Observer observer;

  /**
   * A handler for the event loop it is used on.
   *
   * @param bodies of the same event loop
   * @param samples numbers requests whose answers are drawn apart
   */
  public InferenceHandler(
      BodyReader bodies,
      RequestReader reader,
      InferenceService service,
      SampleNumbers samples,
      ResponseWriter writer,
      Observer observer) {
    this.bodies = bodies;
    this.reader = reader;
    this.service = service;
    this.samples = samples;
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
    context.arrived();
    InferenceRequest asked = read(context, body, null, new Cancellation());
    context.asked(asked);
    Failure refusal = context.key() == null ? null : context.key().choose(asked.model());
    if (refusal != null) {
      throw refusal;
    }
    if (asked.sharing() instanceof Unnumbered unnumbered) {
      watch(context, asked.cancellation());
      samples
          .next(unnumbered)
          .onSuccess(sample -> numbered(context, body, asked, unnumbered, sample));
    } else {
      complete(context, asked);
    }
  }

  private void numbered(
      RequestContext context,
      Buffer body,
      InferenceRequest asked,
      Unnumbered unnumbered,
      Optional<Sample> sample) {
    try {
      if (sample.isEmpty()) {
        complete(context, asked.with(new Unshareable(Reason.BUSY)));
        return;
      }
      Cancellation cancellation = asked.cancellation();
      if (cancellation.isCancelled()) {
        samples.giveBack(unnumbered, sample.get());
        failed(context, asked, Failure.of(Failure.Kind.CANCELLED, "the caller left"));
        return;
      }
      complete(context, read(context, body, sample.get(), cancellation))
          .onComplete(
              response -> {
                if (!response.head().ok()) {
                  samples.giveBack(unnumbered, sample.get());
                }
              },
              unanswered -> samples.giveBack(unnumbered, sample.get()));
    } catch (Throwable defect) { // without an answer the caller would wait for ever
      writer.abort(context, defect);
    }
  }

  private Future<InferenceResponse> complete(RequestContext context, InferenceRequest asked) {
    KeyDenial denial = context.key() == null ? null : context.key().denial(asked.model());
    // A stored answer costs nothing, so a key without tokens or money may have it.
    InferenceRequest request = denial == null ? asked : asked.with(asked.directives().cachedOnly());
    if (request.sharing() instanceof Unshareable unshareable) {
      observer.bypassed(request.language().endpoint(), unshareable.reason());
    }
    context.line().authenticated(request);
    return answer(context, request, denial);
  }

  private InferenceRequest read(
      RequestContext context, Buffer body, Sample sample, Cancellation cancellation) {
    String endpoint = endpoint(context);
    return reader.read(
        context.call(),
        endpoint,
        reader.scope(tenant(context), context.request().headers(), endpoint),
        body,
        sample,
        cancellation);
  }

  private static String tenant(RequestContext context) {
    return context.key() == null ? null : context.key().tenant();
  }

  private String endpoint(RequestContext context) {
    String query = context.request().query();
    String path = reader.endpoint().path();
    return query == null ? path : path + "?" + query;
  }

  private Future<InferenceResponse> answer(
      RequestContext context, InferenceRequest request, KeyDenial denial) {
    Future<InferenceResponse> answer = ask(request);
    if (answer.result() instanceof Whole hit) { // without callbacks, which would be garbage
      writer.write(context, request, hit);
      return answer;
    }
    // A stream that is there at once can be left as well.
    if (!answer.failed()) {
      watch(context, request.cancellation());
      context.relay(new WhitespaceRelay(context, request, writer));
    }
    answer.onComplete(
        response -> answered(context, request, response),
        cause -> failed(context, request, refusal(context, request, Failure.from(cause), denial)));
    return answer;
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

  private static Failure refusal(
      RequestContext context, InferenceRequest request, Failure failure, KeyDenial denial) {
    return denial != null && failure.kind() == Failure.Kind.NOT_CACHED
        ? context.key().denied(denial, request.model())
        : failure;
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
