package dev.refrain.runtime;

/** Whether the load balancer should send requests to this process. */
public enum Readiness {
  /** Not yet. */
  STARTING,
  /** Yes. */
  UP,
  /** Not any more: what is under way is finished. */
  DRAINING
}
