package dev.refrain.http;

import dev.refrain.completion.Cancellation;
import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Journey;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Observer.Phase;
import dev.refrain.completion.Sharing;
import dev.refrain.openai.CompletionsReader;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/** One completion from head to end: read the body, read the request, ask the service, write. */
public final class CompletionHandler {
  private final BodyReader bodies;
  private final CompletionsReader reader;
  private final CompletionService service;
  private final AnswerWriter writer;
  private final Observer observer;

  /**
   * A handler for the event loop it is used on.
   *
   * @param bodies of the same event loop
   */
  public CompletionHandler(
      BodyReader bodies,
      CompletionsReader reader,
      CompletionService service,
      AnswerWriter writer,
      Observer observer) {
    this.bodies = bodies;
    this.reader = reader;
    this.service = service;
    this.writer = writer;
    this.observer = observer;
  }

  /** Answers a request. */
  void handle(Caller caller) {
    bodies
        .read(caller.request(), caller.hold(bodies.reserve()))
        .onComplete(body -> answer(caller, body), cause -> unread(caller, Failure.from(cause)));
  }

  private void answer(Caller caller, Buffer body) {
    try {
      complete(caller, body);
    } catch (Failure refusal) {
      writer.refuse(caller, refusal);
    } catch (Throwable defect) { // without an answer the caller would wait for ever
      writer.abort(caller, defect);
    }
  }

  private void unread(Caller caller, Failure failure) {
    if (failure.kind() == Failure.Kind.CANCELLED) {
      observer.disconnected(Phase.BODY);
    }
    writer.refuse(caller, failure);
  }

  private void complete(Caller caller, Buffer body) {
    caller.heard();
    boolean maySpend = caller.key() == null || caller.key().maySpend();
    if (!maySpend) {
      // What costs nothing it may have all the same.
      caller.request().headers().add(HttpHeaders.CACHE_CONTROL, "only-if-cached");
    }
    CompletionRequest request = read(caller, body);
    if (request.sharing() instanceof Sharing.Alone alone) {
      observer.bypassed(alone.reason());
    }
    answer(caller, followed(request, caller), maySpend);
  }

  private CompletionRequest read(Caller caller, Buffer body) {
    CompletionRequest request =
        reader.read(
            caller.id(),
            endpoint(caller),
            caller.scope(),
            caller.request().headers(),
            body,
            new Cancellation());
    Failure refusal = caller.key() == null ? null : caller.key().choose(request.model());
    if (refusal != null) {
      throw refusal;
    }
    return request;
  }

  private static CompletionRequest followed(CompletionRequest request, Caller caller) {
    caller.line().asks(request);
    Journey journey = caller.journey();
    return journey == Journey.UNSEEN ? request : request.with(journey);
  }

  private static String endpoint(Caller caller) {
    String query = caller.request().query();
    return query == null ? CompletionsReader.ENDPOINT : CompletionsReader.ENDPOINT + "?" + query;
  }

  private void answer(Caller caller, CompletionRequest request, boolean maySpend) {
    Future<Completion> answer = ask(request);
    if (!answer.isComplete()) {
      watch(caller, request.cancellation());
    }
    answer.onComplete(
        completion -> writer.write(caller, request, completion),
        cause ->
            writer.refuse(caller, request.framing(), told(caller, Failure.from(cause), maySpend)));
  }

  private static Failure told(Caller caller, Failure failure, boolean maySpend) {
    return !maySpend && failure.kind() == Failure.Kind.NOT_CACHED ? caller.key().spent() : failure;
  }

  private Future<Completion> ask(CompletionRequest request) {
    try {
      return service.complete(request);
    } catch (Throwable cause) { // here, too
      return Future.failedFuture(cause);
    }
  }

  // Both are needed: which of them is called depends on how the caller leaves.
  private void watch(Caller caller, Cancellation cancellation) {
    caller
        .response()
        .exceptionHandler(cause -> left(caller.response(), cancellation))
        .closeHandler(v -> left(caller.response(), cancellation));
  }

  private void left(HttpServerResponse response, Cancellation cancellation) {
    if (!cancellation.isCancelled() && !response.ended()) {
      observer.disconnected(response.headWritten() ? Phase.STREAMING : Phase.WAITING);
    }
    cancellation.cancel();
  }
}
