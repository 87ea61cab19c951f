package dev.refrain.flight.fleet;

/** State of the lease, returned by every write of the leader. */
enum Lease {
  /** Another replica holds it, or none does. */
  LOST,
  /** This replica holds it, and no other replica has asked for the call since. */
  HELD,
  /** This replica holds it, and other replicas follow. */
  FOLLOWED;

  private static final Lease[] REPLIES = values();

  /** What a script replied: 0, 1 or 2. */
  static Lease of(int reply) {
    return REPLIES[reply];
  }
}
