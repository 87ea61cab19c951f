package dev.refrain.cache;

import dev.refrain.inference.Entry;
import java.util.Optional;

/**
 * Which entries of a file may be stored, whatever there is already.
 *
 * @param purgeMarks what was purged
 * @param ttl how long entries are fresh that do not say it, in milliseconds
 * @param maxEntry the largest body that is stored, in bytes
 */
public record ImportRules(PurgeMarks purgeMarks, long ttl, int maxEntry) {
  /** Why an entry is not stored; empty if it may be. */
  public Optional<Imported> refusal(Entry entry) {
    long now = purgeMarks.now();
    if (entry.storedAt() > now + FleetClock.TOLERANCE.toMillis()) {
      return Optional.of(Imported.FUTURE);
    }
    if (purgeMarks.covers(entry)) {
      return Optional.of(Imported.PURGED);
    }
    // Of what is older, purges are forgotten.
    boolean beyondMarks = entry.storedAt() <= now - purgeMarks.retention();
    if (beyondMarks || entry.expiresAt(ttl) <= now) {
      return Optional.of(Imported.EXPIRED);
    }
    return entry.body().length() > maxEntry ? Optional.of(Imported.TOO_LARGE) : Optional.empty();
  }
}
