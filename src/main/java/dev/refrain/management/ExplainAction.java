package dev.refrain.management;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** Says what a request meets in the cache, without sending it. May be called on any thread. */
@FunctionalInterface
public interface ExplainAction {
  /**
   * A request to explain.
   *
   * @param endpoint its path or the label of it in metrics; null is by the fields of the body
   * @param headers its header, which is this action's from now on
   */
  record Question(String endpoint, MultiMap headers, Buffer body) {}

  /** The explanation; fails with a {@code Failure} that says why the request has no meaning. */
  Future<JsonObject> explain(Question question);
}
