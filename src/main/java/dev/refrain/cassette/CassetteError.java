package dev.refrain.cassette;

import java.nio.file.Path;

/** A file that cannot be read: one line that names the file and the line, without its content. */
public final class CassetteError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** About the file as a whole. */
  public CassetteError(Path file, String message) {
    super(file + ": " + message, null, false, false);
  }

  /** About a line, counted from 1. */
  public CassetteError(Path file, int line, String message) {
    super(file + ":" + line + ": " + message, null, false, false);
  }
}
