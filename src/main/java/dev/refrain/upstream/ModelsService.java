package dev.refrain.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Head;
import dev.refrain.inference.Whole;
import dev.refrain.openai.Scope;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What {@code GET /v1/models} answers: the models of all servers, as far as they are routed there,
 * and their aliases. One for each event loop.
 *
 * <p>What a server lists is kept for a moment, for whoever has the same credential; a server with a
 * key of its own lists the same for all.
 *
 * <p>Source: OpenAI API reference, Models.
 */
public final class ModelsService {
  private static final String PATH = "/v1/models";
  private static final long PATIENCE_MILLIS = 5_000;
  private static final Duration KEPT = Duration.ofSeconds(10);
  private static final int MOST_KEPT = 256;

  private record CacheKey(Upstream upstream, Fingerprint credential) {}

  private final Routes routes;
  private final UpstreamCall clients;
  private final Cache<CacheKey, Future<Whole>> kept =
      Caffeine.newBuilder()
          .maximumSize(MOST_KEPT)
          .expireAfterWrite(KEPT)
          .executor(Runnable::run)
          .build();

  /** The models of these servers, asked for by the clients of the same event loop. */
  public ModelsService(Routes routes, UpstreamCall clients) {
    this.routes = routes;
    this.clients = clients;
  }

  /**
   * All models, as one list. Where no server lists any, the first reply to the question as it came,
   * or a failure if there was none at all.
   *
   * @param shown of which it lists only those that this is true of
   * @param headers of who asks
   */
  public Future<Whole> list(Predicate<String> shown, MultiMap headers) {
    return modelList(headers)
        .compose(
            modelList ->
                modelList.isEmpty()
                    ? modelList.instead()
                    : Future.succeededFuture(answer(modelList.list(shown))));
  }

  /** One of them; fails with {@code NO_SUCH_MODEL} if it is not among them. */
  public Future<Whole> one(String id, MultiMap headers) {
    return modelList(headers)
        .compose(
            modelList -> {
              if (modelList.isEmpty()) {
                return modelList.instead().compose(reply -> unlisted(reply, id));
              }
              return modelList
                  .find(id)
                  .map(model -> Future.succeededFuture(answer(model)))
                  .orElseGet(() -> Future.failedFuture(Failure.noSuchModel(id)));
            });
  }

  // A refusal is one whatever was asked; something else with a good status describes no model.
  private static Future<Whole> unlisted(Whole reply, String id) {
    return reply.head().ok()
        ? Future.failedFuture(Failure.noSuchModel(id))
        : Future.succeededFuture(reply);
  }

  private Future<ModelList> modelList(MultiMap headers) {
    MultiMap credential = HttpHeaders.headers();
    Scope.headers().forEach(name -> credential.add(name, headers.getAll(name)));
    List<Future<Whole>> replies = new ArrayList<>();
    for (Upstream upstream : routes.upstreams()) {
      replies.add(ask(upstream, credential));
    }
    return Future.join(replies).transform(done -> Future.succeededFuture(modelList(replies)));
  }

  private ModelList modelList(List<Future<Whole>> replies) {
    ModelList modelList = new ModelList();
    for (int i = 0; i < replies.size(); i++) {
      modelList.add(routes.upstreams().get(i), replies.get(i));
    }
    return modelList;
  }

  private Future<Whole> ask(Upstream upstream, MultiMap credential) {
    MultiMap shown = upstream.target().apiKey() == null ? credential : HttpHeaders.headers();
    CacheKey cacheKey = new CacheKey(upstream, Scope.of(shown).digest());
    Future<Whole> before = kept.getIfPresent(cacheKey);
    if (before != null) {
      return before;
    }
    Target target = upstream.target();
    Future<Whole> reply =
        BoundedGet.ask(clients.client(target), target, PATH, shown, PATIENCE_MILLIS)
            .recover(cause -> Future.failedFuture(ExceptionMapper.translate(cause, false)));
    kept.put(cacheKey, reply);
    return reply.andThen(
        (whole, cause) -> {
          if (cause != null || !whole.head().ok()) {
            kept.asMap().remove(cacheKey, reply);
          }
        });
  }

  private static Whole answer(JsonObject body) {
    MultiMap headers = HttpHeaders.headers().add(HttpHeaders.CONTENT_TYPE, "application/json");
    return Whole.notStorable(new Head(200, headers), body.toBuffer());
  }
}
