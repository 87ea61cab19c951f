package dev.refrain.cache.disk;

import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Purge;
import java.util.Collection;
import java.util.List;

/**
 * Where the entries of the disk tier are. Every call may block.
 *
 * <p>Threads: several may {@link #read} and {@link #page}; one does everything else.
 */
interface EntryFile {
  /**
   * An entry as it is written.
   *
   * @param value its bytes, by the codec
   * @param expiresAt when it stops being fresh, in milliseconds of the epoch
   */
  record Row(Entry entry, byte[] value, long expiresAt) {}

  /** The value in the row of this fingerprint, by its first eight bytes; null if none. */
  byte[] read(Fingerprint fingerprint) throws DiskException;

  /**
   * Some values in the order of their rows.
   *
   * @param values by the codec
   * @param next the first row that was not looked at
   * @param last whether there is none
   */
  record Page(List<byte[]> values, long next, boolean last) {}

  /**
   * The next values that a filter selects.
   *
   * @param from the first row that may be among them
   * @param bytes ends the page; one value at least is read
   */
  Page page(EntryFilter filter, long from, long bytes) throws DiskException;

  /** Removes what a filter selects, of at most {@code most} entries; fewer means no more. */
  int remove(EntryFilter filter, int most) throws DiskException;

  /** Writes these in one transaction: all of them, or none. */
  void write(List<Row> rows) throws DiskException;

  /**
   * Notes that these were used.
   *
   * @param now milliseconds of the epoch
   */
  void used(Collection<Fingerprint> fingerprints, long now) throws DiskException;

  /**
   * Removes answers that were asked for at {@code until} or before.
   *
   * @return how many of at most {@code most}; fewer means that no more are left
   */
  int remove(Purge what, long until, int most) throws DiskException;

  /** Removes answers that expired before {@code now}; likewise. */
  int removeExpired(long now, int most) throws DiskException;

  /** Removes some of the answers that were not used for the longest time, by a sample. */
  int removeUnused(int most) throws DiskException;

  /** How many entries there are; reads an index. */
  long count() throws DiskException;

  /** Bytes in use. */
  long bytes() throws DiskException;

  /**
   * Puts the damaged database aside and begins an empty one.
   *
   * @return what can still be read of the damaged one, to be closed by the caller
   */
  Salvage replace() throws DiskException;

  /** Lets go of the files. */
  void close();
}
