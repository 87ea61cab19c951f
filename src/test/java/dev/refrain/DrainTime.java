package dev.refrain;

/** How long the program takes to stop, for those who wait for it. */
public final class DrainTime {
  /** For what is still to be written after what was under way. */
  public static final int SECONDS = ServeCommand.STOP_SECONDS;

  private DrainTime() {}
}
