package dev.refrain.cache.disk;

import dev.refrain.cache.EntryCodec;
import dev.refrain.inference.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Reads entries out of the pages of a damaged database, without its tree: every page is looked at,
 * every cell that may be there is tried, and a value counts if its checksum does. What was removed
 * may come back and is to be checked like any entry that comes from outside.
 *
 * <p>Threads: one. Reads a page at a time and holds the entries of one.
 *
 * <p>Source: SQLite's file format, §1.6 (b-tree pages) and §2.1 (records).
 */
final class Salvage implements AutoCloseable {
  /** A Salvage of nothing. */
  static final Salvage NONE = new Salvage(null, null, null);

  private static final int PAGE = SqliteFile.PAGE;
  private static final int TABLE_LEAF = 13;
  private static final int FILE_HEADER = 100;
  private static final int PAGE_HEADER = 8;

  private final Path file;
  private final FileChannel channel;
  private final EntryCodec codec;
  private final Deque<Entry> found = new ArrayDeque<>();
  private long next;

  private Salvage(Path file, FileChannel channel, EntryCodec codec) {
    this.file = file;
    this.channel = channel;
    this.codec = codec;
  }

  /** A reader of this file, which is deleted when it is closed. */
  static Salvage of(Path file, EntryCodec codec) {
    try {
      return new Salvage(file, FileChannel.open(file, StandardOpenOption.READ), codec);
    } catch (IOException gone) {
      return NONE;
    }
  }

  /** The next entry; empty at the end. */
  Optional<Entry> next() {
    try {
      while (found.isEmpty()) {
        ByteBuffer page = page(next++);
        if (page == null) {
          return Optional.empty();
        }
        look(page, next == 1 ? FILE_HEADER : 0);
      }
    } catch (IOException unreadable) {
      return Optional.empty();
    }
    return Optional.of(found.remove());
  }

  private ByteBuffer page(long number) throws IOException {
    if (channel == null || number < 0 || (number + 1) * PAGE > channel.size()) {
      return null;
    }
    ByteBuffer page = ByteBuffer.allocate(PAGE);
    channel.read(page, number * PAGE);
    return page.flip();
  }

  /** The header of a page may be what is damaged: the count of its cells is not believed. */
  private void look(ByteBuffer page, int start) throws IOException {
    boolean leaf = page.get(start) == TABLE_LEAF;
    int least = PAGE;
    for (int slot = start + PAGE_HEADER; slot + 2 <= least; slot += 2) {
      int cell = Short.toUnsignedInt(page.getShort(slot));
      boolean inside = cell > slot && cell < PAGE;
      if (inside && cell(page.duplicate().position(cell))) {
        least = Math.min(least, cell);
      } else if (!leaf || cell == 0) {
        return;
      }
    }
  }

  private boolean cell(ByteBuffer cell) throws IOException {
    try {
      long payload = varint(cell);
      varint(cell); // the row
      if (payload < 4 || payload > Integer.MAX_VALUE / 2) {
        return false;
      }
      byte[] record = record(cell, (int) payload);
      Optional<Entry> entry = record == null ? Optional.empty() : entry(ByteBuffer.wrap(record));
      entry.ifPresent(found::add);
      return entry.isPresent();
    } catch (IndexOutOfBoundsException | java.nio.BufferUnderflowException foreign) {
      return false;
    }
  }

  /** The payload of a cell, of which a large one goes on in a chain of pages. */
  private byte[] record(ByteBuffer cell, int payload) throws IOException {
    int local = local(payload);
    if (payload - local > channel.size()) {
      return null;
    }
    byte[] record = new byte[payload];
    cell.get(record, 0, local);
    int at = local;
    long overflow = at < payload ? Integer.toUnsignedLong(cell.getInt()) : 0;
    while (at < payload) {
      ByteBuffer page = page(overflow - 1);
      if (page == null) {
        return null;
      }
      overflow = Integer.toUnsignedLong(page.getInt());
      int part = Math.min(PAGE - 4, payload - at);
      page.get(record, at, part);
      at += part;
    }
    return record;
  }

  private static int local(int payload) {
    int most = PAGE - 35;
    if (payload <= most) {
      return payload;
    }
    int least = (PAGE - 12) * 32 / 255 - 23;
    int local = least + (payload - least) % (PAGE - 4);
    return local <= most ? local : least;
  }

  /** A record of the row's number, which is not written again, and a blob. */
  private Optional<Entry> entry(ByteBuffer record) {
    int header = (int) varint(record);
    long number = varint(record);
    long type = varint(record);
    long length = (type - 12) / 2;
    if (number != 0 || type < 12 || record.position() != header || length != record.remaining()) {
      return Optional.empty();
    }
    byte[] value = new byte[(int) length];
    record.get(value);
    return codec.decode(value);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      byte next = in.get();
      value = value << 7 | next & 0x7f;
      if (next >= 0) {
        return value;
      }
    }
    return value << 8 | in.get() & 0xff;
  }

  @Override
  public void close() {
    if (channel == null) {
      return;
    }
    try {
      channel.close();
      Files.deleteIfExists(file);
    } catch (IOException kept) {
      return; // it is overwritten the next time
    }
  }
}
