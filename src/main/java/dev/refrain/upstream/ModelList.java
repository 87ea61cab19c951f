package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Whole;
import dev.refrain.json.JsonCursor;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Merges the model lists of several servers. The first description of a model is used, byte for
 * byte as its server wrote it.
 */
final class ModelList {
  private static final String DATA = "data";
  private static final String ID = "id";

  /** The name of an entry without one: only callers that may see every model see it. */
  private static final String NAMELESS = "";

  private final Map<String, Buffer> models = new LinkedHashMap<>();
  private final Map<String, Member> others = new LinkedHashMap<>();
  private final List<Slice> nameless = new ArrayList<>();
  private Future<Whole> refusal;
  private Future<Whole> silence;
  private boolean listed;

  /** What a server replied: the elements, and the members beside them. */
  private record Reply(List<Slice> elements, List<Member> others) {}

  /** A model as its server described it, and where in it the id stands. */
  private record Model(Slice description, Slice id) {
    Buffer bytes() {
      return cut(description.from(), description.to());
    }

    Buffer named(String alias) {
      return cut(description.from(), id.from())
          .appendString(Json.encode(alias))
          .appendBuffer(cut(id.to(), description.to()));
    }

    private Buffer cut(int from, int to) {
      return Buffer.buffer(to - from).appendBytes(description.bytes(), from, to - from);
    }
  }

  /** Adds what a server replied, or remembers that it did not list anything. */
  void add(Upstream upstream, Future<Whole> reply) {
    Optional<Reply> lists = reply.succeeded() ? read(reply.result()) : Optional.empty();
    lists.ifPresent(list -> add(upstream, list));
    if (lists.isEmpty() && reply.succeeded() && refusal == null) {
      refusal = reply;
    } else if (reply.failed() && silence == null) {
      silence = reply;
    }
  }

  private void add(Upstream upstream, Reply list) {
    listed = true;
    list.others.forEach(member -> others.putIfAbsent(member.name(), member));
    Map<String, Model> byName = new LinkedHashMap<>();
    for (Slice each : list.elements) {
      Slice id = id(each);
      if (id != null) {
        byName.putIfAbsent(text(id), new Model(each, id));
      } else if (upstream.serves(NAMELESS)) {
        nameless.add(each);
      }
    }
    byName.forEach(
        (id, model) -> {
          if (upstream.serves(id)) {
            models.putIfAbsent(id, model.bytes());
          }
        });
    upstream
        .upstreamSettings()
        .aliases()
        .forEach((alias, named) -> models.putIfAbsent(alias, alias(alias, byName.get(named))));
  }

  // Of two ids nobody can say which one is read.
  private static Slice id(Slice element) {
    if (!element.isObject()) {
      return null;
    }
    List<Member> ids = members(element).stream().filter(one -> one.name().equals(ID)).toList();
    return ids.size() == 1 && ids.get(0).value().isString() ? ids.get(0).value() : null;
  }

  private static List<Member> members(Slice object) {
    try {
      return object.members();
    } catch (IOException malformed) {
      throw new IllegalStateException(malformed); // it was read as a part of its list
    }
  }

  private static String text(Slice string) {
    JsonCursor cursor = new JsonCursor(string.bytes(), string.from(), string.to());
    try {
      cursor.value();
    } catch (IOException malformed) {
      throw new IllegalStateException(malformed);
    }
    return cursor.text();
  }

  private static Buffer alias(String alias, Model model) {
    return model == null
        ? JsonObject.of("id", alias, "object", "model", "created", 0, "owned_by", "refrain")
            .toBuffer()
        : model.named(alias);
  }

  private static Optional<Reply> read(Whole reply) {
    if (!reply.head().ok()) {
      return Optional.empty();
    }
    try {
      List<Member> members = Slice.of(reply.body()).members();
      Member data = Member.find(members, DATA);
      Member error = Member.find(members, "error");
      boolean isList =
          data != null && (error == null || error.value().isNull()) && Member.areDistinct(members);
      return isList ? Optional.of(reply(data, members)) : Optional.empty();
    } catch (IOException noList) {
      return Optional.empty();
    }
  }

  private static Reply reply(Member data, List<Member> members) throws IOException {
    // Null where a server has none, as Go writes it.
    List<Slice> elements = data.value().isNull() ? List.of() : data.value().elements();
    return new Reply(elements, members.stream().filter(one -> one != data).toList());
  }

  /** Whether no server listed anything. */
  boolean isEmpty() {
    return !listed;
  }

  /** The answer in that case: a reply that is no list, or the failure. */
  Future<Whole> instead() {
    if (refusal != null) {
      return refusal;
    }
    return silence != null
        ? silence
        : Future.failedFuture(Failure.of(Kind.UPSTREAM_UNREACHABLE, "no upstream lists models"));
  }

  /** The models of which the predicate is true, among what else the servers said of their lists. */
  Buffer list(Predicate<String> shown) {
    Buffer list = Buffer.buffer("{");
    if (!others.containsKey("object")) {
      list.appendString("\"object\":\"list\",");
    }
    for (Member member : others.values()) {
      member.appendTo(list);
      list.appendByte((byte) ',');
    }
    list.appendString("\"data\":");
    char before = '[';
    for (Map.Entry<String, Buffer> model : models.entrySet()) {
      if (shown.test(model.getKey())) {
        list.appendByte((byte) before).appendBuffer(model.getValue());
        before = ',';
      }
    }
    for (Slice element : shown.test(NAMELESS) ? nameless : List.<Slice>of()) {
      element.appendTo(list.appendByte((byte) before));
      before = ',';
    }
    return list.appendString(before == '[' ? "[]}" : "]}");
  }

  Optional<Buffer> find(String id) {
    return Optional.ofNullable(models.get(id));
  }
}
