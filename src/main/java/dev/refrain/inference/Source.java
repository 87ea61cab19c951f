package dev.refrain.inference;

import java.util.Locale;

/** Source of an answer; also the label value in metrics. */
public enum Source {
  /** The upstream, paid for by this request. */
  UPSTREAM,
  /** The cache in this process. */
  MEMORY,
  /** The disk of this machine. */
  DISK,
  /** The shared cache. */
  REDIS,
  /** A call already in progress for another request. */
  FLIGHT;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The value in metrics and headers. */
  public String label() {
    return label;
  }
}
