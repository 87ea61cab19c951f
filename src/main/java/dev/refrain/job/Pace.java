package dev.refrain.job;

/** How fast recorded answers are played. */
public enum Pace {
  /** At once. */
  NONE,
  /** As they came when they were recorded, where that is known. */
  RECORDED
}
