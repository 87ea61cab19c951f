package dev.refrain.completion;

/**
 * Where an answer came from.
 *
 * @param source the tier that gave it
 * @param storedAt when the kept answer was made, in milliseconds of the epoch; 0 if not kept before
 * @param expiresAt when it stops being fresh, likewise; later it is stale
 * @param instead whether it stands in for an answer that was asked for in vain
 */
public record Provenance(Source source, long storedAt, long expiresAt, boolean instead) {
  /** Straight from the upstream, for this request. */
  public static final Provenance UPSTREAM = new Provenance(Source.UPSTREAM, 0, 0);

  /** From the upstream, through a call that another request began. */
  public static final Provenance FLIGHT = new Provenance(Source.FLIGHT, 0, 0);

  /** An answer as its source gave it. */
  public Provenance(Source source, long storedAt, long expiresAt) {
    this(source, storedAt, expiresAt, false);
  }

  /** The same, standing in for an answer that was asked for in vain. */
  public Provenance standingIn() {
    return new Provenance(source, storedAt, expiresAt, true);
  }

  /** Whether an answer kept before was served. */
  public boolean hit() {
    return source == Source.MEMORY || source == Source.REDIS;
  }
}
