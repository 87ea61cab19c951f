package dev.refrain.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Head;
import dev.refrain.inference.Whole;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.inference.fields.FieldRoles.FieldRole;
import dev.refrain.inference.fields.Scope;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Answers {@code GET /v1/models}: the models of all servers that are routed there, and their
 * aliases. One for each event loop.
 *
 * <p>The list of a server is cached briefly, for requests with the same header fields.
 *
 * <p>Source: OpenAI API reference, Models.
 */
public final class ModelsService {
  private static final String PATH = "/v1/models";
  private static final int NOT_FOUND = 404; // RFC 9110 §15.5.5
  private static final long PATIENCE_MILLIS = 5_000;
  private static final Duration KEPT = Duration.ofSeconds(10);
  private static final int MOST_KEPT = 256;

  private record CacheKey(Upstream upstream, Fingerprint credential) {}

  private final Routes routes;
  private final FieldRoles roles;
  private final UpstreamCall clients;
  private final boolean single;
  private final Cache<CacheKey, Future<Whole>> kept =
      Caffeine.newBuilder()
          .maximumSize(MOST_KEPT)
          .expireAfterWrite(KEPT)
          .executor(Runnable::run)
          .build();

  /**
   * The models of these servers, asked for by the clients of the same event loop.
   *
   * @param roles which header fields of a request are sent, and distinguish the lists of different
   *     clients
   * @param single whether the only upstream lists just these: then its own answer is the list
   */
  public ModelsService(Routes routes, FieldRoles roles, UpstreamCall clients, boolean single) {
    this.routes = routes;
    this.roles = roles;
    this.clients = clients;
    this.single = single;
  }

  /**
   * All models, as one list. Where no server lists any, the first reply to the question as it came,
   * or a failure if there was none at all.
   *
   * @param shown of which it lists only those that this is true of
   * @param headers of the request
   */
  public Future<Whole> list(Predicate<String> shown, MultiMap headers) {
    if (single) {
      return ask(routes.upstreams().get(0), counted(headers));
    }
    return modelList(headers)
        .compose(
            modelList ->
                modelList.isEmpty()
                    ? modelList.instead()
                    : Future.succeededFuture(answer(modelList.list(shown))));
  }

  /**
   * One of them. A model that no server lists may be there all the same, so the servers that it is
   * routed to are asked. Fails with {@code NO_SUCH_MODEL} if none of them knows it.
   */
  public Future<Whole> one(String id, MultiMap headers) {
    return modelList(headers)
        .compose(
            modelList ->
                modelList
                    .find(id)
                    .map(model -> Future.succeededFuture(answer(model)))
                    .orElseGet(() -> unlisted(id, headers)));
  }

  private Future<Whole> unlisted(String id, MultiMap headers) {
    String path = PATH + "/" + URLEncoder.encode(id, UTF_8).replace("+", "%20");
    MultiMap counted = counted(headers);
    Future<Whole> found = Future.failedFuture(Failure.noSuchModel(id));
    for (Upstream upstream : routes.upstreams()) {
      if (upstream.serves(id)) {
        found = found.recover(unknown -> described(upstream, path, counted, unknown));
      }
    }
    return found;
  }

  // An answer about the model counts; a 404 of one server is outweighed by another server's answer.
  private Future<Whole> described(
      Upstream upstream, String path, MultiMap counted, Throwable unknown) {
    Target target = upstream.target();
    return get(target, path, counted)
        .compose(
            reply ->
                reply.head().status() == NOT_FOUND
                    ? Future.failedFuture(unknown)
                    : Future.succeededFuture(reply));
  }

  private Future<Whole> get(Target target, String path, MultiMap headers) {
    return BoundedGet.ask(clients.client(target), target, path, headers, PATIENCE_MILLIS);
  }

  private Future<ModelList> modelList(MultiMap headers) {
    MultiMap counted = counted(headers);
    List<Future<Whole>> replies = new ArrayList<>();
    for (Upstream upstream : routes.upstreams()) {
      replies.add(ask(upstream, counted));
    }
    return Future.join(replies).transform(done -> Future.succeededFuture(modelList(replies)));
  }

  // Credentials and fields that may change the list; the rest of the caller's header is not sent.
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
    Future<Whole> reply = get(target, PATH, sent);
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

  private static Whole answer(Buffer body) {
    MultiMap headers = HttpHeaders.headers().add(HttpHeaders.CONTENT_TYPE, "application/json");
    return Whole.notStorable(new Head(200, headers), body);
  }
}
