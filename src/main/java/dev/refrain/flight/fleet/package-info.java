/**
 * Answers on their way in other replicas: one of the fleet makes the call and tells it in Redis
 * while it comes, the others listen.
 *
 * <p>Read in this order: {@link dev.refrain.flight.fleet.FleetCoalescer} (the stage: who leads, who
 * follows), {@code FleetFlight} (the keys of one call), {@code Leases} and {@code Lease} (who may
 * tell, in scripts), {@code FleetPublisher} (the telling) with {@code PublishBuffer} (what waits
 * for it), {@code FleetMessage} and {@code FleetMessageCodec} (what is told), {@code FleetPoller}
 * with {@code SlotPoller} (the reading of all that is followed), {@code Follower} (one call
 * followed), {@code ResumingStream} (what goes on when the teller dies).
 *
 * <p>Depends on: completion, sse for the borders of events, redis.
 *
 * <p>Must never know: caches, recordings (they are given to it as a stage), what a frame says.
 *
 * <p>Always true: no request waits for Redis longer than a named bound, and every doubt leads to a
 * call of one's own; only the holder of the lease can write, and only into the stream that bears
 * its token; nobody is told the same text twice; connections are two for each event loop and
 * server, however many calls are followed.
 *
 * <p>Decisions: 0012 (sharing across replicas), 0016 (reading in a cluster), 0036 (telling what
 * nobody follows), 0038 (the end with the last of the answer).
 */
package dev.refrain.flight.fleet;
