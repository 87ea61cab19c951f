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

  /**
   * What a purge did.
   *
   * @param entries stored answers in the memory of this process that it made unusable
   */
  record Done(Reach reach, long entries) {}

  /**
   * Purges. In this process that is done when this returns. It looks at every stored answer, so it
   * does not belong on an event loop.
   */
  Future<Done> purge(Purge what);
}
