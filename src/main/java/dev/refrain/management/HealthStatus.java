package dev.refrain.management;

import io.vertx.core.json.JsonObject;

/** Reports the health of the process. Asked on the event loop: must not block. */
public interface HealthStatus {
  /** Whether every event loop turns; if not for long, only a restart helps. */
  boolean isLive();

  /** Whether this replica accepts requests. */
  boolean isReady();

  /** The whole of it, beginning with {@code status}; no secret. */
  JsonObject report();
}
