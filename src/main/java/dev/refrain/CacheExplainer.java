package dev.refrain;

import dev.refrain.cache.MemoryStore;
import dev.refrain.cache.MemoryStore.StoredEntry;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Entry;
import dev.refrain.inference.FieldDigests;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.management.ManagementServices.ExplainAction;
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
  private final Function<Fingerprint, Future<Optional<StoredEntry>>> below;
  private final LongSupplier clock;

  /**
   * An explainer.
   *
   * @param below looks up what the memory does not have
   * @param clock milliseconds of the epoch
   */
  CacheExplainer(
      Supplier<ConfigGeneration> generation,
      List<EndpointDefinition> api,
      MemoryStore memory,
      Function<Fingerprint, Future<Optional<StoredEntry>>> below,
      LongSupplier clock) {
    this.generation = generation;
    this.api = api;
    this.memory = memory;
    this.below = below;
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
      return described(document, shareable)
          .map(all -> isMissing(all) ? near(all, request, shareable) : all);
    }
    int parts = Math.min(MOST_PARTS, request.split().parts());
    List<InferenceRequest> requests =
        IntStream.range(0, parts)
            .mapToObj(part -> request.split().part(request, part, new Cancellation()).request())
            .toList();
    List<Future<JsonObject>> each =
        requests.stream()
            .map(part -> described(new JsonObject(), (Shareable) part.sharing()))
            .toList();
    return Future.all(each)
        .map(all -> parts(document, requests, each.stream().map(Future::result).toList()));
  }

  /** The nearest entry is only looked for once: it takes longer than all lookups. */
  private JsonObject parts(
      JsonObject document, List<InferenceRequest> requests, List<JsonObject> parts) {
    IntStream.range(0, parts.size())
        .filter(part -> isMissing(parts.get(part)))
        .findFirst()
        .ifPresent(
            part -> {
              InferenceRequest missing = requests.get(part);
              near(parts.get(part), missing, (Shareable) missing.sharing());
            });
    return document.put("parts", new JsonArray(parts));
  }

  private Future<JsonObject> described(JsonObject document, Shareable key) {
    Fingerprint fingerprint = key.fingerprint();
    document.put("fingerprint", fingerprint.toString());
    Optional<StoredEntry> here = memory.peek(fingerprint);
    Future<Optional<StoredEntry>> found =
        here.isPresent() ? Future.succeededFuture(here) : below.apply(fingerprint);
    return found.map(
        entry -> {
          document.put("tier", entry.map(stored -> stored.tier().label()).orElse(null));
          entry.ifPresent(stored -> stored(document, stored));
          return document;
        });
  }

  private static boolean isMissing(JsonObject described) {
    return described.getString("tier") == null;
  }

  private JsonObject near(JsonObject document, InferenceRequest request, Shareable key) {
    FieldDigests asked = generation.get().digests(api).apply(request);
    memory
        .nearest(asked, request.model(), key)
        .ifPresent(
            nearest -> {
              Entry entry = nearest.entry().entry();
              List<String> differing = nearest.differing();
              document.put(
                  "nearest",
                  stored(new JsonObject(), nearest.entry())
                      .put("fingerprint", entry.fingerprint().toString())
                      .put("namespace", entry.namespace())
                      // All that a caller says is the same, so it is where the model is asked.
                      .put(
                          "differs",
                          new JsonArray(differing.isEmpty() ? List.of("upstream") : differing)));
            });
    return document;
  }

  private JsonObject stored(JsonObject document, StoredEntry stored) {
    return document
        .put("age", Math.max(0, (clock.getAsLong() - stored.entry().storedAt()) / 1000))
        .put("ttl", (stored.expiresAt() - clock.getAsLong()) / 1000)
        .put("size", stored.entry().body().length());
  }
}
