package dev.refrain;

import dev.refrain.cli.ServeCommand;

/** How long the program may take to stop beside what server.drain says, for those who wait. */
public final class DrainTime {
  /** For what is still to be written after what was under way. */
  public static final int SECONDS = ServeCommand.STOP_SECONDS;

  private DrainTime() {}
}
