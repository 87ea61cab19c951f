/**
 * The memory that all requests share: one budget for the process, divided by use.
 *
 * <p>Read in this order: {@link dev.refrain.memory.MemoryBudget} (the bounds and the counters),
 * {@link dev.refrain.memory.Reservation} (one owner's part of it).
 *
 * <p>Stands between: everything that gathers, holds or copies bytes for a request, and the heap and
 * direct memory of the process.
 *
 * <p>Depends on: no other package.
 *
 * <p>Must never know: the meaning of the bytes, the fate of a request that gets none.
 *
 * <p>Always true: the bytes granted for one kind of memory never exceed its bound; a reservation
 * that was released counts nothing.
 *
 * <p>Decisions: 0051 (one memory budget).
 */
package dev.refrain.memory;
