package dev.refrain.flight.fleet;

import java.time.Duration;

/**
 * Bounds of sharing across replicas.
 *
 * @param prefix what keys begin with
 * @param timeout the longest a request waits to learn whether it leads or follows
 * @param lease how long a leader counts as alive after its last sign; all replicas agree on it
 * @param patience the longest one call is followed
 * @param bound maximum published bytes of one call; longer answers are not shared
 */
public record FleetSettings(
    String prefix, Duration timeout, Duration lease, Duration patience, int bound) {}
