package dev.refrain;

/** Whether requests shall be sent here. */
enum Readiness {
  /** Not yet. */
  STARTING,
  /** Yes. */
  UP,
  /** Not any more: what is under way is finished. */
  DRAINING
}
