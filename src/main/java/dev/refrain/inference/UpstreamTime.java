package dev.refrain.inference;

/**
 * The interval spent waiting for the upstream, by {@link System#nanoTime}: from the intention to
 * call until the answer, or its first frame, is available. Tries in vain are in it, and the pauses
 * between them.
 */
public record UpstreamTime(long began, long ended) {
  /** Nothing was waited for. */
  public static final UpstreamTime NONE = new UpstreamTime(0, 0);

  /** From then to now. */
  public static UpstreamTime since(long began) {
    return new UpstreamTime(began, System.nanoTime());
  }

  /** How much of it lies between two moments, in nanoseconds. */
  public long within(long from, long to) {
    if (equals(NONE)) {
      return 0;
    }
    long begin = began - from > 0 ? began : from;
    long end = ended - to < 0 ? ended : to;
    return Math.max(0, end - begin);
  }

  /** From the beginning of the earlier to the end of the later. */
  UpstreamTime and(UpstreamTime other) {
    if (equals(NONE) || other.equals(NONE)) {
      return equals(NONE) ? other : this;
    }
    return new UpstreamTime(
        began - other.began < 0 ? began : other.began,
        ended - other.ended > 0 ? ended : other.ended);
  }

  /** The same, going on until now. */
  public UpstreamTime goingOn() {
    return equals(NONE) ? this : since(began);
  }
}
