package dev.refrain.management;

import io.vertx.core.json.JsonArray;

/** Lists stored answers, without the answers. Called on a worker thread. */
@FunctionalInterface
public interface StoredEntries {
  /**
   * The first entries in an order: {@code [{"fingerprint":"…","model":"m","namespace":"",
   * "bytes":900,"hits":3,"tokens":12,"storedAt":1760000000000,"expiresAt":1760086400000}]}.
   *
   * @param by size, age or hits
   * @throws dev.refrain.inference.Failure if it is none of these
   */
  JsonArray list(String by, int most);
}
