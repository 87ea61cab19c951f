/**
 * Calls shared between replicas: one replica makes the call and publishes it in Redis while it is
 * in progress, and the others follow.
 *
 * <p>Read in this order: {@link dev.refrain.flight.fleet.FleetCoalescer} (the stage: leading and
 * following), {@code FleetFlight} (the keys of one call), {@code Leases} and {@code Leases.Lease}
 * (the right to publish, as scripts), {@code FleetPublisher} (publishing) with {@code
 * PublishBuffer} (frames not published yet), {@code FleetMessage} and {@code FleetMessageCodec}
 * (messages), {@code FleetPoller} with {@code SlotPoller} (reading all followed calls), {@code
 * Follower} (one followed call), {@code ResumingStream} (resumption when the leader dies).
 *
 * <p>Depends on: {@code inference}, sse for the borders of events, redis.
 *
 * <p>Must never know: caches, recordings (they are injected as a stage), the content of a frame.
 *
 * <p>Always true: no request waits for Redis longer than a named bound, and every doubt leads to a
 * call of its own; only the holder of the lease can write, and only into the stream with its token;
 * no reader gets the same text twice; there are two connections for each event loop and server,
 * however many calls are followed.
 *
 * <p>Decisions: 0012 (sharing across replicas), 0016 (reading in a cluster), 0036 (telling what
 * nobody follows), 0038 (the end with the last of the answer), 0070 (white space).
 */
package dev.refrain.flight.fleet;
