package dev.refrain.cli;

import dev.refrain.cache.EntryLine;
import dev.refrain.cache.EntryReader;
import dev.refrain.cache.ImportTally;
import dev.refrain.cache.Imported;
import dev.refrain.cache.disk.DiskFolder.Listed;
import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Stored entries, wherever they are. Every call blocks, and throws {@link Unusable} if the store
 * does not do it.
 */
interface EntryStore extends AutoCloseable {
  /** Entries that are stored at once. */
  int BATCH = 100;

  /** What is wrong with a store, for an operator. */
  final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unusable(String message) {
      super(message);
    }
  }

  /** Gives the entries that the filter selects. */
  void entries(EntryFilter filter, Consumer<Entry> into);

  /** Lists them. */
  default void list(EntryFilter filter, Consumer<Listed> into) {
    entries(filter, entry -> into.accept(listed(entry)));
  }

  private Listed listed(Entry entry) {
    return new Listed(
        entry.fingerprint(),
        entry.endpoint(),
        entry.model(),
        entry.namespace(),
        entry.scope(),
        entry.storedAt(),
        entry.expiresAt(ttl()),
        entry.body().length());
  }

  /** How long entries are fresh that do not say it, in milliseconds. */
  long ttl();

  /** The largest body that is read, in bytes. */
  int maxEntry();

  /** Removes what the filter selects: how much that was, as a text. */
  String remove(EntryFilter filter);

  /** Stores these entries; returns the outcome of each. */
  List<Imported> add(List<Entry> entries);

  /** Passes on the name of each damaged entry. */
  void verify(Consumer<String> damaged);

  /** Writes a file of lines. */
  default void export(EntryFilter filter, OutputStream into) throws IOException {
    line(into, EntryLine.HEADER);
    try {
      entries(filter, entry -> line(into, EntryLine.write(entry)));
    } catch (UncheckedIOException failed) {
      throw failed.getCause();
    }
  }

  private static void line(OutputStream into, String line) {
    try {
      into.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /**
   * Stores what a file of lines holds; how much, and how much not.
   *
   * @throws IllegalArgumentException naming the line that is wrong; those before it are stored
   */
  default JsonObject load(InputStream from, EntryFilter filter) throws IOException {
    ImportTally tally = new ImportTally();
    EntryReader reader = new EntryReader(maxEntry());
    List<Entry> batch = new ArrayList<>();
    Consumer<Entry> into =
        entry -> {
          if (filter.selects(entry)) {
            batch.add(entry);
          }
          if (batch.size() == BATCH) {
            tally.add(add(batch));
            batch.clear();
          }
        };
    byte[] piece = new byte[64 * 1024];
    try {
      for (int length = from.read(piece); length >= 0; length = from.read(piece)) {
        reader.read(piece, length, into);
      }
      reader.end(into);
    } finally {
      tally.add(add(batch));
    }
    return tally.json();
  }

  @Override
  void close();
}
