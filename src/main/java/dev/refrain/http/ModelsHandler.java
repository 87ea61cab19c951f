package dev.refrain.http;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Whole;
import dev.refrain.keys.Key;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** {@code GET /v1/models}, and {@code GET /v1/models/} with the name of one. */
public final class ModelsHandler {
  private static final String ALL = "/v1/models";
  private static final String ONE = ALL + "/";
  private static final String DIALECT = "anthropic-version"; // of the list, at some gateways

  private final BiFunction<Predicate<String>, MultiMap, Future<Whole>> all;
  private final BiFunction<String, MultiMap, Future<Whole>> one;
  private final boolean single;
  private final ResponseWriter writer;

  /**
   * A handler for the event loop it is used on.
   *
   * @param all lists the models that match the predicate, for a caller with these headers
   * @param one describes a model to them
   * @param single whether the only upstream lists just these: then it is asked itself for all but
   *     the plain list
   */
  public ModelsHandler(
      BiFunction<Predicate<String>, MultiMap, Future<Whole>> all,
      BiFunction<String, MultiMap, Future<Whole>> one,
      boolean single,
      ResponseWriter writer) {
    this.all = all;
    this.one = one;
    this.single = single;
    this.writer = writer;
  }

  /** Whether a request is for this handler. */
  boolean isFor(HttpServerRequest request) {
    String path = request.path();
    return request.method() == HttpMethod.GET
        && path != null
        && (path.equals(ALL) || path.startsWith(ONE) && path.length() > ONE.length())
        && !(single && isUpstreams(request));
  }

  // Its word on one model; pages, or a form of its own, which cannot be put together from several.
  private static boolean isUpstreams(HttpServerRequest request) {
    return !request.path().equals(ALL)
        || request.query() != null
        || request.headers().contains(DIALECT);
  }

  /** Answers a request. */
  void handle(RequestContext context) {
    context.request().end().onComplete(v -> {}); // its body, if any, is read and forgotten
    find(context.request(), context.key())
        .onSuccess(answer -> writer.write(context, answer))
        .onFailure(cause -> writer.refuse(context, Failure.from(cause)));
  }

  private Future<Whole> find(HttpServerRequest request, Key key) {
    if (request.path().equals(ALL)) {
      return all.apply(key == null ? model -> true : key::opens, request.headers());
    }
    try {
      // Names hold slashes, as they are or as %2F.
      String model = new QueryStringDecoder(request.path(), true).path().substring(ONE.length());
      Failure refusal = key == null ? null : key.choose(model);
      return refusal == null ? one.apply(model, request.headers()) : Future.failedFuture(refusal);
    } catch (IllegalArgumentException garbled) {
      return Future.failedFuture(Failure.invalid(null, "a path that cannot be decoded"));
    }
  }
}
