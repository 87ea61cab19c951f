package dev.refrain.http;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Whole;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BiFunction;
import java.util.function.Function;

/** {@code GET /v1/models}, and {@code GET /v1/models/} with the name of one. */
public final class ModelsHandler {
  private static final String ALL = "/v1/models";
  private static final String ONE = ALL + "/";

  private final Function<MultiMap, Future<Whole>> all;
  private final BiFunction<String, MultiMap, Future<Whole>> one;
  private final AnswerWriter writer;

  /**
   * A handler for the event loop it is used on.
   *
   * @param all lists every model for who sends these headers
   * @param one describes a model to them
   */
  public ModelsHandler(
      Function<MultiMap, Future<Whole>> all,
      BiFunction<String, MultiMap, Future<Whole>> one,
      AnswerWriter writer) {
    this.all = all;
    this.one = one;
    this.writer = writer;
  }

  /** Whether a request is for this handler. */
  boolean isFor(HttpServerRequest request) {
    String path = request.path();
    return request.method() == HttpMethod.GET
        && path != null
        && (path.equals(ALL) || path.startsWith(ONE) && path.length() > ONE.length());
  }

  /** Answers a request. */
  void handle(HttpServerRequest request, AccessLine line) {
    Caller caller = new Caller(request, line);
    request.end().onComplete(v -> {}); // its body, if any, is read and forgotten
    find(request)
        .onSuccess(answer -> writer.write(caller, answer))
        .onFailure(cause -> writer.refuse(caller, Failure.from(cause)));
  }

  private Future<Whole> find(HttpServerRequest request) {
    if (request.path().equals(ALL)) {
      return all.apply(request.headers());
    }
    try {
      // Names hold slashes, as they are or as %2F.
      String path = new QueryStringDecoder(request.path(), true).path();
      return one.apply(path.substring(ONE.length()), request.headers());
    } catch (IllegalArgumentException garbled) {
      return Future.failedFuture(Failure.invalid(null, "a path that cannot be decoded"));
    }
  }
}
