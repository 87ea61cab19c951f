/**
 * Shared calls: concurrent equal requests share one call, whichever event loop they arrive on.
 *
 * <p>Read in this order: {@link dev.refrain.flight.Coalescer} (the stage of one event loop), {@link
 * dev.refrain.flight.FlightTable} (shared by the event loops), {@code Flight} (one shared call),
 * {@code Waiter} (one request in it), {@code Flight.FlightListener} (its steps), {@code
 * LoopHandoff} (frames from one event loop to another), and the package {@code fleet} for sharing
 * across replicas.
 *
 * <p>Depends on: {@code inference}; Vert.x for contexts; Caffeine.
 *
 * <p>Must never know: caches, recordings, the wire.
 *
 * <p>Always true: a flight lives on the event loop of the request that began it, and outlives that
 * request while any request waits for it; a request that joined is answered, by this call or by one
 * of its own; the table holds only flights that can still be joined.
 *
 * <p>Decisions: 0010 (flights and their endings), 0011 (abandonment), 0072 (the tail of a stream).
 */
package dev.refrain.flight;
