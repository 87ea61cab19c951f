package dev.refrain.openai;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Objects;
import java.util.Set;

/**
 * Two answers to the same request, compared: their choices or embeddings, without what belongs to
 * one call (ids, times, log probabilities). Numbers are equal within a ten-thousandth, for servers
 * add floats in another order each time. A pure function.
 *
 * @param same whether they say the same
 * @param sameModel whether {@code model} is
 * @param sameFingerprint whether {@code system_fingerprint} is
 */
public record AnswerComparison(boolean same, boolean sameModel, boolean sameFingerprint) {
  private static final double TOLERANCE = 1e-4;
  private static final Set<String> OF_THE_CALL = Set.of("id", "created", "logprobs");

  /**
   * Compares two documents.
   *
   * @throws io.vertx.core.json.DecodeException if one is none
   */
  public static AnswerComparison of(Buffer before, Buffer now) {
    JsonObject a = new JsonObject(before);
    JsonObject b = new JsonObject(now);
    boolean same =
        same(a.getValue("choices"), b.getValue("choices"))
            && same(a.getValue("data"), b.getValue("data"));
    return new AnswerComparison(same, isSame(a, b, "model"), isSame(a, b, "system_fingerprint"));
  }

  private static boolean isSame(JsonObject a, JsonObject b, String field) {
    return Objects.equals(a.getValue(field), b.getValue(field));
  }

  private static boolean same(Object a, Object b) {
    if (a instanceof JsonObject one && b instanceof JsonObject other) {
      return one.fieldNames().equals(other.fieldNames())
          && one.fieldNames().stream()
              .filter(name -> !OF_THE_CALL.contains(name))
              .allMatch(name -> same(one.getValue(name), other.getValue(name)));
    }
    if (a instanceof JsonArray one && b instanceof JsonArray other) {
      return same(one, other);
    }
    if (a instanceof Number one && b instanceof Number other) {
      double x = one.doubleValue();
      double y = other.doubleValue();
      return Math.abs(x - y) <= TOLERANCE * Math.max(1, Math.max(Math.abs(x), Math.abs(y)));
    }
    return Objects.equals(a, b);
  }

  private static boolean same(JsonArray a, JsonArray b) {
    boolean same = a.size() == b.size();
    for (int i = 0; same && i < a.size(); i++) {
      same = same(a.getValue(i), b.getValue(i));
    }
    return same;
  }
}
