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
  private static final String DATA = "data";
  private static final String ID = "id";
  private static final JsonArray NOTHING = new JsonArray();

  /** Stands for the name of an entry without one: only those who may see any name see it. */
  private static final String NAMELESS = "";

  private final Map<String, JsonObject> models = new LinkedHashMap<>();
  private final Map<String, Object> others = new LinkedHashMap<>();
  private final List<Object> nameless = new ArrayList<>();
  private Future<Whole> refusal;
  private Future<Whole> silence;
  private boolean listed;

  /** Adds what a server replied, or remembers that it did not list anything. */
  void add(Upstream upstream, Future<Whole> reply) {
    Optional<JsonObject> lists = reply.succeeded() ? read(reply.result()) : Optional.empty();
    lists.ifPresent(list -> add(upstream, list));
    if (lists.isEmpty() && reply.succeeded() && refusal == null) {
      refusal = reply;
    } else if (reply.failed() && silence == null) {
      silence = reply;
    }
  }

  private void add(Upstream upstream, JsonObject list) {
    listed = true;
    list.forEach(member -> others.putIfAbsent(member.getKey(), member.getValue()));
    Map<String, JsonObject> byName = new LinkedHashMap<>();
    JsonArray data = list.getJsonArray(DATA); // null where a server has none, as Go writes it
    for (Object each : data == null ? NOTHING : data) {
      if (each instanceof JsonObject model && model.getValue(ID) instanceof String id) {
        byName.putIfAbsent(id, model);
      } else if (upstream.serves(NAMELESS)) {
        nameless.add(each);
      }
    }
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

  private static Optional<JsonObject> read(Whole reply) {
    if (!reply.head().ok()) {
      return Optional.empty();
    }
    try {
      JsonObject list = reply.body().toJsonObject();
      boolean isList = list.containsKey(DATA) && list.getValue("error") == null;
      list.getJsonArray(DATA); // throws if it is something else
      return isList ? Optional.of(list) : Optional.empty();
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

  /** The models of which the predicate is true, among what else the servers said of their lists. */
  JsonObject list(Predicate<String> shown) {
    JsonArray data = new JsonArray();
    models.forEach(
        (id, model) -> {
          if (shown.test(id)) {
            data.add(model);
          }
        });
    if (shown.test(NAMELESS)) {
      nameless.forEach(data::add);
    }
    JsonObject list = JsonObject.of("object", "list");
    others.forEach(list::put);
    return list.put(DATA, data);
  }

  Optional<JsonObject> find(String id) {
    return Optional.ofNullable(models.get(id));
  }
}
