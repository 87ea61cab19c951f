package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Merges the model lists of several servers. The first description of a model is used. */
final class ModelList {
  private final Map<String, JsonObject> models = new LinkedHashMap<>();
  private Future<Whole> refusal;
  private Future<Whole> silence;
  private boolean listed;

  /** Adds what a server replied, or remembers that it did not list anything. */
  void add(Upstream upstream, Future<Whole> reply) {
    Optional<List<JsonObject>> lists = reply.succeeded() ? read(reply.result()) : Optional.empty();
    lists.ifPresent(models -> add(upstream, models));
    if (lists.isEmpty() && reply.succeeded() && refusal == null) {
      refusal = reply;
    } else if (reply.failed() && silence == null) {
      silence = reply;
    }
  }

  private void add(Upstream upstream, List<JsonObject> described) {
    listed = true;
    Map<String, JsonObject> byName = new LinkedHashMap<>();
    described.forEach(model -> byName.putIfAbsent(model.getString("id"), model));
    byName.forEach(
        (id, model) -> {
          if (upstream.serves(id)) {
            models.putIfAbsent(id, model);
          }
        });
    upstream
        .upstreamSettings()
        .aliases()
        .forEach((alias, named) -> models.putIfAbsent(alias, alias(alias, byName.get(named))));
  }

  private static JsonObject alias(String alias, JsonObject model) {
    return model == null
        ? JsonObject.of("id", alias, "object", "model", "created", 0, "owned_by", "refrain")
        : model.copy().put("id", alias);
  }

  private static Optional<List<JsonObject>> read(Whole reply) {
    if (!reply.head().ok()) {
      return Optional.empty();
    }
    try {
      List<JsonObject> models = new ArrayList<>();
      for (Object each : reply.body().toJsonObject().getJsonArray("data", new JsonArray())) {
        if (each instanceof JsonObject model && model.getValue("id") instanceof String) {
          models.add(model);
        }
      }
      return Optional.of(models);
    } catch (DecodeException | ClassCastException noList) {
      return Optional.empty();
    }
  }

  /** Whether no server listed anything. */
  boolean isEmpty() {
    return !listed;
  }

  /** What to answer if so: a reply that is no list, or else why there is none. */
  Future<Whole> instead() {
    if (refusal != null) {
      return refusal;
    }
    return silence != null
        ? silence
        : Future.failedFuture(Failure.of(Kind.UPSTREAM_UNREACHABLE, "no upstream lists models"));
  }

  JsonObject list(Predicate<String> shown) {
    JsonArray data = new JsonArray();
    models.forEach(
        (id, model) -> {
          if (shown.test(id)) {
            data.add(model);
          }
        });
    return JsonObject.of("object", "list", "data", data);
  }

  Optional<JsonObject> find(String id) {
    return Optional.ofNullable(models.get(id));
  }
}
