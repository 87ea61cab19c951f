package dev.refrain.management;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * What the management port shows and does.
 *
 * @param health how the process is
 * @param purgeAction makes stored answers stale
 * @param reloadAction takes up what is new in the configuration
 * @param explainAction says what a request meets in the cache
 * @param recentRequests the last requests
 * @param savings what was paid and saved
 * @param budgets of the keys, and what was spent of them
 * @param storedEntries the entries in memory
 * @param entryTransfer moves entries out of the process and into it
 * @param publicPort the port of the API
 */
public record ManagementServices(
    HealthStatus health,
    PurgeAction purgeAction,
    ReloadAction reloadAction,
    ExplainAction explainAction,
    RecentRequests recentRequests,
    Savings savings,
    Supplier<JsonArray> budgets,
    StoredEntries storedEntries,
    EntryTransfer entryTransfer,
    IntSupplier publicPort) {
  /** Reports the health of the process. Asked on the event loop: must not block. */
  public interface HealthStatus {
    /** Whether every event loop turns; if not for long, only a restart helps. */
    boolean isLive();

    /** Whether this replica accepts requests. */
    boolean isReady();

    /** The whole of it, beginning with {@code status}; no secret. */
    JsonObject report();
  }

  /** Reloads the configuration. May be called on any thread. */
  @FunctionalInterface
  public interface ReloadAction {
    /**
     * Result of a reload.
     *
     * @param changed keys that were taken up
     * @param pending keys that wait for the next start
     */
    record Outcome(List<String> changed, List<String> pending) {
      /** Copies what it is given. */
      public Outcome {
        changed = List.copyOf(changed);
        pending = List.copyOf(pending);
      }
    }

    /** Reads it, and takes it up; fails with a {@code Failure} that says in one line why not. */
    Future<Outcome> reload();
  }

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
}
