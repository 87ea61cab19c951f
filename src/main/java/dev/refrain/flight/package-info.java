/**
 * Answers on their way: equal requests at the same time share one call, whichever event loop they
 * arrive on.
 *
 * <p>Read in this order: {@link dev.refrain.flight.Coalescer} (the stage of one event loop), {@link
 * dev.refrain.flight.FlightTable} (what the event loops share), {@code Flight} (one shared call),
 * {@code Waiter} (one request in it), {@code LoopHandoff} (frames from one event loop to another),
 * and the package {@code fleet} for sharing across replicas.
 *
 * <p>Depends on: completion; Vert.x for contexts; Caffeine.
 *
 * <p>Must never know: caches, recordings, the wire.
 *
 * <p>Always true: a flight lives on the event loop of the request that began it, and outlives that
 * request while anybody wants it; who has joined is answered, by this call or by one of its own;
 * the table holds only flights that may still be joined.
 *
 * <p>Decisions: 0010 (flights and their endings), 0011 (abandonment).
 */
package dev.refrain.flight;
