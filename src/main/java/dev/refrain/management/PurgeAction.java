package dev.refrain.management;

import dev.refrain.inference.Purge;
import dev.refrain.inference.fields.FieldRoles;
import io.vertx.core.Future;

/** Performs a purge. May be called on any thread. */
@FunctionalInterface
public interface PurgeAction {
  /** Extent of a purge; also its word in the response. */
  enum Reach {
    /** This process, and there is no other that shares the cache. */
    HERE,
    /** All replicas, the others within half a second. */
    EVERYWHERE,
    /** This process; the others as soon as Redis can be reached. */
    PENDING
  }

  /** By which header fields a caller is known, as they are configured now. */
  default FieldRoles roles() {
    return FieldRoles.DEFAULT;
  }

  /** Purges. In this process that is done when this returns. */
  Future<Reach> purge(Purge what);
}
