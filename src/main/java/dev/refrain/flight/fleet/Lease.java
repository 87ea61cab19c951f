package dev.refrain.flight.fleet;

/** State of the lease, returned by every write of the leader. */
enum Lease {
  /** It is another's, or nobody's. */
  LOST,
  /** It is ours, and since we took it nobody else wanted the call. */
  HELD,
  /** It is ours, and others have been told that they can follow. */
  FOLLOWED;

  private static final Lease[] REPLIES = values();

  /** What a script replied: 0, 1 or 2. */
  static Lease of(int reply) {
    return REPLIES[reply];
  }
}
