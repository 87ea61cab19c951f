package dev.refrain.flight;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.refrain.flight.FlightSettings.Abandoned;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Purge;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** The flights of this process that may be joined. Safe on any thread. */
public final class FlightTable {
  private static final int MOST_MARKS = 10_000;

  private final ConcurrentMap<Fingerprint, Flight> flights = new ConcurrentHashMap<>();
  private final Cache<Fingerprint, Boolean> unshareable;
  private volatile FlightSettings settings;
  private volatile Abandoned abandoned;
  private final LongSupplier clock;
  private final AtomicInteger readers = new AtomicInteger();

  /**
   * An empty table.
   *
   * @param abandoned policy for a call whose clients have all left
   * @param clock milliseconds of the epoch, as purges count them
   */
  public FlightTable(FlightSettings settings, Abandoned abandoned, LongSupplier clock) {
    this.settings = settings;
    this.abandoned = abandoned;
    this.clock = clock;
    this.unshareable =
        Caffeine.newBuilder()
            .maximumSize(MOST_MARKS)
            .expireAfterWrite(settings.hitForMiss())
            .executor(Runnable::run)
            .build();
  }

  /** Goes by other bounds from now on. */
  public void bound(FlightSettings other, Abandoned policy) {
    settings = other;
    abandoned = policy;
    unshareable.policy().expireAfterWrite().orElseThrow().setExpiresAfter(other.hitForMiss());
  }

  /** How many flights there are. */
  public int size() {
    return flights.size();
  }

  /** How many requests are in flights whose call is not over. */
  public int readers() {
    return readers.get();
  }

  /** So many more are, or fewer if below zero. */
  void readers(int more) {
    readers.addAndGet(more);
  }

  FlightSettings settings() {
    return settings;
  }

  Abandoned abandoned() {
    return abandoned;
  }

  /** The time by which purges are dated. */
  long now() {
    return clock.getAsLong();
  }

  Flight get(Fingerprint fingerprint) {
    return flights.get(fingerprint);
  }

  /** Enters a flight, or returns the one that is there already. */
  Flight enter(Flight flight) {
    return flights.putIfAbsent(flight.fingerprint(), flight);
  }

  /** Takes a flight out; false if it was not in any more. */
  boolean remove(Flight flight) {
    return flights.remove(flight.fingerprint(), flight);
  }

  /**
   * Closes what a purge concerns to everybody who is not in it: their request came after the purge,
   * and the flight's call was made before. Costs a look at each flight, and joining nothing.
   *
   * @param until when the flight began at the latest, in milliseconds of the epoch
   */
  public void close(Purge what, long until) {
    flights.values().forEach(flight -> flight.closeIf(what, until));
  }

  boolean isFull() {
    return flights.size() >= settings.maxFlights();
  }

  /** Remembers for a while that requests must not wait for this answer. */
  void markUnshareable(Fingerprint fingerprint) {
    unshareable.put(fingerprint, Boolean.TRUE);
  }

  /**
   * Whether requests must not wait for this answer, because it recently proved not to be shareable.
   */
  public boolean isUnshareable(Fingerprint fingerprint) {
    return unshareable.getIfPresent(fingerprint) != null;
  }
}
