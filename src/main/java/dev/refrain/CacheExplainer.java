package dev.refrain;

import dev.refrain.cache.MemoryStore;
import dev.refrain.cache.MemoryStore.StoredEntry;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Sharing.Unshareable;
import dev.refrain.management.ExplainAction;
import dev.refrain.openai.EndpointDefinition;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Explains requests by the configuration that is in effect and the entries that are stored. Any
 * thread.
 */
final class CacheExplainer implements ExplainAction {
  /** Most parts of a request that are looked up. */
  private static final int MOST_PARTS = 64;

  private final Supplier<ConfigGeneration> generation;
  private final List<EndpointDefinition> api;
  private final MemoryStore memory;
  private final Function<Fingerprint, Future<Optional<StoredEntry>>> redis;
  private final LongSupplier clock;

  /**
   * An explainer.
   *
   * @param redis looks up what the memory does not have
   * @param clock milliseconds of the epoch
   */
  CacheExplainer(
      Supplier<ConfigGeneration> generation,
      List<EndpointDefinition> api,
      MemoryStore memory,
      Function<Fingerprint, Future<Optional<StoredEntry>>> redis,
      LongSupplier clock) {
    this.generation = generation;
    this.api = api;
    this.memory = memory;
    this.redis = redis;
    this.clock = clock;
  }

  @Override
  public Future<JsonObject> explain(Question question) {
    RequestExplanation read =
        RequestExplanation.of(
            generation.get(), api, question.endpoint(), question.headers(), question.body());
    InferenceRequest request = read.request();
    JsonObject document = read.document();
    if (!(request.sharing() instanceof Shareable shareable)) {
      return Future.succeededFuture(document);
    }
    if (request.split().parts() == 1) {
      return described(document, shareable.fingerprint());
    }
    int parts = Math.min(MOST_PARTS, request.split().parts());
    List<Future<JsonObject>> each =
        IntStream.range(0, parts)
            .mapToObj(
                part -> request.split().part(request, part, new Cancellation()).request().sharing())
            .map(this::described)
            .toList();
    return Future.all(each)
        .map(
            all ->
                document.put("parts", new JsonArray(each.stream().map(Future::result).toList())));
  }

  private Future<JsonObject> described(Sharing sharing) {
    return sharing instanceof Unshareable
        ? Future.succeededFuture(new JsonObject())
        : described(new JsonObject(), ((Shareable) sharing).fingerprint());
  }

  private Future<JsonObject> described(JsonObject document, Fingerprint fingerprint) {
    document.put("fingerprint", fingerprint.toString());
    Optional<StoredEntry> here = memory.peek(fingerprint);
    Future<Optional<StoredEntry>> found =
        here.isPresent() ? Future.succeededFuture(here) : redis.apply(fingerprint);
    return found.map(entry -> stored(document, entry));
  }

  private JsonObject stored(JsonObject document, Optional<StoredEntry> found) {
    document.put("tier", found.map(stored -> stored.tier().label()).orElse(null));
    found.ifPresent(
        stored ->
            document
                .put("age", Math.max(0, (clock.getAsLong() - stored.entry().storedAt()) / 1000))
                .put("ttl", (stored.expiresAt() - clock.getAsLong()) / 1000)
                .put("size", stored.entry().body().length()));
    return document;
  }
}
