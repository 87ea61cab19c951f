package dev.refrain;

/** Whether the load balancer should send requests to this process. */
enum Readiness {
  /** Not yet. */
  STARTING,
  /** Yes. */
  UP,
  /** Not any more: what is under way is finished. */
  DRAINING
}
