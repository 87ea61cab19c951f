package dev.refrain.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Fill levels of the stages, read at each scrape. Every gauge is there from the start at 0, and is
 * the sum over all who are bound to it: each event loop may bring its own part.
 *
 * <p>Threads: any may bind. A supplier is called by the thread that scrapes, so it must be safe to
 * ask from there, cheap, and must not block. What is bound is kept for as long as the registry.
 */
public final class Gauges {
  private final Sum flights = new Sum();
  private final Sum readers = new Sum();
  private final Sum recordings = new Sum();
  private final Sum recorded = new Sum();
  private final Sum connections = new Sum();
  private final Sum entries = new Sum();
  private final Sum bytes = new Sum();
  private final Sum diskEntries = new Sum();
  private final Sum diskBytes = new Sum();

  /** Registers the gauges, all 0. */
  public Gauges(MeterRegistry registry) {
    flights.register(registry, "refrain.flights", "Shared calls on their way", null);
    readers.register(registry, "refrain.flight.readers", "Requests in shared calls", null);
    recordings.register(registry, "refrain.recordings", "Streams being recorded", null);
    recorded.register(registry, "refrain.recording", "What they remember", "bytes");
    connections.register(registry, "refrain.connections", "Connections of callers", null);
    entries.register(registry, "refrain.memory.cache.entries", "Answers stored in memory", null);
    bytes.register(registry, "refrain.memory.cache.size", "What they weigh", "bytes");
    diskEntries.register(registry, "refrain.disk.cache.entries", "Answers stored on disk", null);
    diskBytes.register(registry, "refrain.disk.cache.size", "What they weigh", "bytes");
  }

  /** {@code refrain_flights}: calls that later requests may join. */
  public void bindFlights(IntSupplier count) {
    flights.add(count::getAsInt);
  }

  /** {@code refrain_flight_readers}: requests in shared calls that are not over. */
  public void bindReaders(IntSupplier count) {
    readers.add(count::getAsInt);
  }

  /**
   * {@code refrain_recordings} and {@code refrain_recording_bytes}.
   *
   * @param count streams being written or read
   * @param weight what they remember, in bytes
   */
  public void bindRecordings(LongSupplier count, LongSupplier weight) {
    recordings.add(count);
    recorded.add(weight);
  }

  /** {@code refrain_connections}: of callers, that have said something. */
  public void bindConnections(IntSupplier count) {
    connections.add(count::getAsInt);
  }

  /**
   * {@code refrain_memory_cache_entries} and {@code refrain_memory_cache_size_bytes}.
   *
   * @param count answers kept
   * @param weight what they weigh, in bytes
   */
  public void bindMemoryCache(LongSupplier count, LongSupplier weight) {
    entries.add(count);
    bytes.add(weight);
  }

  /**
   * {@code refrain_disk_cache_entries} and {@code refrain_disk_cache_size_bytes}; likewise.
   *
   * @param count answers stored
   * @param weight what they weigh, in bytes
   */
  public void bindDiskCache(LongSupplier count, LongSupplier weight) {
    diskEntries.add(count);
    diskBytes.add(weight);
  }

  private static final class Sum {
    private final List<LongSupplier> parts = new CopyOnWriteArrayList<>();

    void add(LongSupplier part) {
      parts.add(part);
    }

    void register(MeterRegistry registry, String name, String help, String unit) {
      Gauge.builder(name, this::value).description(help).baseUnit(unit).register(registry);
    }

    private long value() {
      return parts.stream().mapToLong(LongSupplier::getAsLong).sum();
    }
  }
}
