package dev.refrain.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Head;
import dev.refrain.inference.Whole;
import dev.refrain.inference.fields.FieldRole;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.openai.Scope;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Answers {@code GET /v1/models}: the models of all servers that are routed there, and their
 * aliases. One for each event loop.
 *
 * <p>What a server lists is kept for a moment, for requests of which the same was sent to it.
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
  private final FieldRoles roles;
  private final UpstreamCall clients;
  private final Cache<CacheKey, Future<Whole>> kept =
      Caffeine.newBuilder()
          .maximumSize(MOST_KEPT)
          .expireAfterWrite(KEPT)
          .executor(Runnable::run)
          .build();

  /**
   * The models of these servers, asked for by the clients of the same event loop.
   *
   * @param roles which header fields of a request are sent, and tell one caller's list from
   *     another's
   */
  public ModelsService(Routes routes, FieldRoles roles, UpstreamCall clients) {
    this.routes = routes;
    this.roles = roles;
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
    MultiMap counted = counted(headers);
    List<Future<Whole>> replies = new ArrayList<>();
    for (Upstream upstream : routes.upstreams()) {
      replies.add(ask(upstream, counted));
    }
    return Future.join(replies).transform(done -> Future.succeededFuture(modelList(replies)));
  }

  // What says who asks, and what may change the list; the rest of the caller's header is not sent.
  private MultiMap counted(MultiMap headers) {
    MultiMap counted = HttpHeaders.headers();
    for (Map.Entry<String, String> header : headers) {
      FieldRole role = roles.of(header.getKey());
      if (role == FieldRole.CREDENTIAL || role == FieldRole.SCOPE || role == FieldRole.KEY) {
        counted.add(header.getKey(), header.getValue());
      }
    }
    return counted.remove(HttpHeaders.CONTENT_TYPE);
  }

  private ModelList modelList(List<Future<Whole>> replies) {
    ModelList modelList = new ModelList();
    for (int i = 0; i < replies.size(); i++) {
      modelList.add(routes.upstreams().get(i), replies.get(i));
    }
    return modelList;
  }

  private Future<Whole> ask(Upstream upstream, MultiMap counted) {
    MultiMap sent = HttpHeaders.headers().addAll(counted);
    upstream.target().prepareRequest(sent);
    CacheKey cacheKey = new CacheKey(upstream, digest(sent));
    Future<Whole> before = kept.getIfPresent(cacheKey);
    if (before != null) {
      return before;
    }
    Target target = upstream.target();
    Future<Whole> reply =
        BoundedGet.ask(clients.client(target), target, PATH, sent, PATIENCE_MILLIS)
            .recover(cause -> Future.failedFuture(ExceptionMapper.translate(cause, false)));
    kept.put(cacheKey, reply);
    return reply.andThen(
        (whole, cause) -> {
          if (cause != null || !whole.head().ok()) {
            kept.asMap().remove(cacheKey, reply);
          }
        });
  }

  private Fingerprint digest(MultiMap sent) {
    return Scope.of(roles, null, sent, PATH).digest();
  }

  private static Whole answer(JsonObject body) {
    MultiMap headers = HttpHeaders.headers().add(HttpHeaders.CONTENT_TYPE, "application/json");
    return Whole.notStorable(new Head(200, headers), body.toBuffer());
  }
}
