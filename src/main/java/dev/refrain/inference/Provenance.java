package dev.refrain.inference;

import java.util.Collection;
import java.util.Comparator;

/**
 * Where an answer came from.
 *
 * @param source the tier that gave it; the upstream, where several did and one had to be asked
 * @param storedAt when the kept answer was made, in milliseconds of the epoch; 0 if not kept before
 * @param expiresAt when it stops being fresh, likewise; later it is stale
 * @param instead whether it stands in for an answer that was requested in vain
 * @param partCount of what parts it was made
 * @param waited for the upstream, over all parts of which that is known
 */
public record Provenance(
    Source source,
    long storedAt,
    long expiresAt,
    boolean instead,
    PartCount partCount,
    UpstreamTime waited) {
  /**
   * The parts of an answer, by where they came from.
   *
   * @param parts all of them
   * @param stored how many were kept before
   * @param forwarded how many were requested; of the rest it is not known yet
   * @param storing whether all of them are kept now
   */
  public record PartCount(int parts, int stored, int forwarded, boolean storing) {
    /** An answer that is one. */
    public static final PartCount ONE = new PartCount(1, 0, 1, false);

    /** Whether it is known of each part where it came from. */
    public boolean settled() {
      return stored + forwarded == parts;
    }
  }

  /** Straight from the upstream, for this request. */
  public static final Provenance UPSTREAM = new Provenance(Source.UPSTREAM, 0, 0);

  /** From the upstream, through a call that another request began. */
  public static final Provenance FLIGHT = new Provenance(Source.FLIGHT, 0, 0);

  /** An answer as its source gave it. */
  public Provenance(Source source, long storedAt, long expiresAt) {
    this(source, storedAt, expiresAt, false, PartCount.ONE, UpstreamTime.NONE);
  }

  private Provenance(Source source, UpstreamTime waited) {
    this(source, 0, 0, false, PartCount.ONE, waited);
  }

  /** Straight from the upstream, for this request. */
  public static Provenance upstream(UpstreamTime waited) {
    return new Provenance(Source.UPSTREAM, waited);
  }

  /** From the upstream, through a call that another request began. */
  public static Provenance flight(UpstreamTime waited) {
    return new Provenance(Source.FLIGHT, waited);
  }

  /**
   * Of an answer made of parts: as old as the oldest of them, and as fresh as the least fresh.
   *
   * @param known where those came from of which that is known; one at least
   * @param parts all of them
   */
  public static Provenance of(Collection<Provenance> known, int parts) {
    int kept = (int) known.stream().filter(Provenance::hit).count();
    PartCount partCount = new PartCount(parts, kept, known.size() - kept, false);
    if (kept < parts) {
      UpstreamTime waited =
          known.stream().map(Provenance::waited).reduce(UpstreamTime.NONE, UpstreamTime::and);
      return new Provenance(forwarded(known, partCount), 0, 0, false, partCount, waited);
    }
    long storedAt = known.stream().mapToLong(Provenance::storedAt).min().orElse(0);
    long expiresAt = known.stream().mapToLong(Provenance::expiresAt).min().orElse(0);
    boolean instead = known.stream().anyMatch(Provenance::instead);
    return new Provenance(
        farthest(known), storedAt, expiresAt, instead, partCount, UpstreamTime.NONE);
  }

  /** The tier that is asked last of those that gave a part. */
  private static Source farthest(Collection<Provenance> stored) {
    return stored.stream().map(Provenance::source).max(Comparator.naturalOrder()).orElseThrow();
  }

  private static Source forwarded(Collection<Provenance> known, PartCount partCount) {
    boolean paid = known.stream().anyMatch(from -> from.source == Source.UPSTREAM);
    return paid || !partCount.settled() ? Source.UPSTREAM : Source.FLIGHT;
  }

  /** The same, given to a call that was made for several parts at once. */
  public Provenance ofBatch(int parts) {
    PartCount all = new PartCount(parts, 0, parts, false);
    return new Provenance(source, storedAt, expiresAt, instead, all, waited);
  }

  /** The same, standing in for an answer that was requested in vain. */
  public Provenance standingIn(UpstreamTime inVain) {
    return new Provenance(source, storedAt, expiresAt, true, partCount, inVain);
  }

  /** The same, whose parts are all kept now. */
  public Provenance stored() {
    PartCount all = new PartCount(partCount.parts, partCount.stored, partCount.forwarded, true);
    return new Provenance(source, storedAt, expiresAt, instead, all, waited);
  }

  /** Whether an answer kept before was served. */
  public boolean hit() {
    return source == Source.MEMORY || source == Source.DISK || source == Source.REDIS;
  }
}
