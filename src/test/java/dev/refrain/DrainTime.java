package dev.refrain;

/** How long the program takes to stop, for those who wait for it. */
public final class DrainTime {
  /** For what is under way. */
  public static final int SECONDS = ProxyVerticle.GRACE_SECONDS;

  private DrainTime() {}
}
