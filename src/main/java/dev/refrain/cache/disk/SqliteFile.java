package dev.refrain.cache.disk;

import dev.refrain.cache.EntryCodec;
import dev.refrain.inference.EntryFilter;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Observer.DiskFault;
import dev.refrain.inference.Purge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The entries in an SQLite database, {@code entries.db}. A table {@code entry} has the values, a
 * table {@code meta} what is known of them, so that listing and removing read no values. Both have
 * the first eight bytes of the fingerprint as the number of the row; the value has all of it.
 *
 * <p>The database is in WAL mode and synchronised when it is checkpointed: a killed process loses
 * nothing that was committed, a machine without power loses the last moments.
 *
 * <p>Source: docs/internals/decisions/0077.
 */
final class SqliteFile implements EntryFile {
  static final int PAGE = 4096;

  private static final String NAME = "entries.db";
  private static final String DAMAGED = "entries.damaged";
  private static final int SAMPLE = 8;

  private final Path folder;
  private final long size;
  private final EntryCodec codec;
  private final int connections;

  /** Reading, or replacing what is read. */
  private final ReadWriteLock gate = new ReentrantReadWriteLock();

  private final BlockingQueue<Reader> readers;
  private Connection writer;
  private boolean readOnly;

  private record Reader(Connection connection, PreparedStatement value, PreparedStatement lost) {}

  private SqliteFile(Path folder, long size, EntryCodec codec, int connections) {
    this.folder = folder;
    this.size = size;
    this.codec = codec;
    this.connections = connections;
    this.readers = new ArrayBlockingQueue<>(connections);
  }

  /**
   * Opens the database of this folder, or makes one. In a folder that is not writable an existing
   * one is only read.
   *
   * @param size its most bytes
   * @param connections how many threads read
   * @throws DiskException {@code DAMAGED} if it is no database any more, and is to be replaced
   */
  static SqliteFile open(Path folder, long size, EntryCodec codec, int connections)
      throws DiskException {
    SqliteFile file = new SqliteFile(folder, size, codec, connections);
    try {
      file.open();
      return file;
    } catch (DiskException damaged) {
      if (damaged.fault() == DiskFault.DAMAGED) {
        return file;
      }
      throw damaged;
    }
  }

  private void open() throws DiskException {
    readOnly = !Files.isWritable(folder);
    try {
      writer = Database.open(folder.resolve(NAME), size / PAGE, readOnly);
      for (int i = 0; i < connections; i++) {
        Connection connection = Database.open(folder.resolve(NAME), size / PAGE, readOnly);
        readers.add(
            new Reader(
                connection,
                connection.prepareStatement("select value from entry where id = ?"),
                // Both in one statement, so that nobody writes between them.
                connection.prepareStatement(
                    "select exists (select 1 from meta where id = ?1)"
                        + " and not exists (select 1 from entry where id = ?1)")));
      }
    } catch (SQLException failed) {
      close();
      throw translated(failed);
    }
  }

  @Override
  public byte[] read(Fingerprint fingerprint) throws DiskException {
    gate.readLock().lock();
    Reader reader = readers.poll();
    try {
      if (reader == null) {
        throw new DiskException(DiskFault.FAILED, "the database is closed");
      }
      return read(reader, fingerprint.a());
    } catch (SQLException failed) {
      throw translated(failed);
    } finally {
      if (reader != null) {
        readers.add(reader);
      }
      gate.readLock().unlock();
    }
  }

  private static byte[] read(Reader reader, long id) throws SQLException, DiskException {
    reader.value.setLong(1, id);
    try (ResultSet row = reader.value.executeQuery()) {
      if (row.next()) {
        return row.getBytes(1);
      }
    }
    reader.lost.setLong(1, id);
    try (ResultSet row = reader.lost.executeQuery()) {
      if (row.next() && row.getBoolean(1)) {
        throw new DiskException(DiskFault.DAMAGED, "a value is not where it should be");
      }
    }
    return null;
  }

  @Override
  public Page page(EntryFilter filter, long from, long bytes) throws DiskException {
    gate.readLock().lock();
    Reader reader = readers.poll();
    try {
      if (reader == null) {
        throw new DiskException(DiskFault.FAILED, "the database is closed");
      }
      return Database.page(reader.connection, filter, from, bytes);
    } catch (SQLException failed) {
      throw translated(failed);
    } finally {
      if (reader != null) {
        readers.add(reader);
      }
      gate.readLock().unlock();
    }
  }

  private interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** Does this in one transaction. */
  private <T> T transact(Work<T> work) throws DiskException {
    if (writer == null) {
      throw new DiskException(DiskFault.DAMAGED, "the file is no database");
    }
    if (readOnly) {
      throw new DiskException(DiskFault.READ_ONLY, "the folder is not writable");
    }
    try {
      execute("begin");
      T done = work.on(writer);
      execute("commit");
      return done;
    } catch (SQLException failed) {
      rollBack();
      throw translated(failed);
    }
  }

  // Not by the driver's own commit and rollback: where SQLite has rolled back by itself, as for
  // want of room, they end without a transaction, and so does each one after it.
  private void rollBack() {
    try {
      execute("rollback");
    } catch (SQLException alreadyRolledBack) {
      return;
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = writer.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void write(List<Row> rows) throws DiskException {
    transact(
        connection -> {
          for (Row row : rows) {
            Database.insert(connection, row);
          }
          return null;
        });
  }

  @Override
  public void used(Collection<Fingerprint> fingerprints, long now) throws DiskException {
    transact(
        connection -> {
          try (PreparedStatement update =
              connection.prepareStatement("update meta set used = ? where id = ?")) {
            for (Fingerprint each : fingerprints) {
              update.setLong(1, now);
              update.setLong(2, each.a());
              update.executeUpdate();
            }
          }
          return null;
        });
  }

  @Override
  public int remove(Purge what, long until, int most) throws DiskException {
    return transact(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "select id from meta where stored <= ? and "
                      + Database.condition(what)
                      + " limit ?")) {
            select.setLong(1, until);
            select.setObject(2, Database.argument(what));
            select.setInt(3, most);
            return delete(connection, select);
          }
        });
  }

  @Override
  public int remove(EntryFilter filter, int most) throws DiskException {
    return transact(connection -> delete(connection, Database.selected(connection, filter, most)));
  }

  @Override
  public int removeExpired(long now, int most) throws DiskException {
    return transact(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("select id from meta where expires <= ? limit ?")) {
            select.setLong(1, now);
            select.setInt(2, most);
            return delete(connection, select);
          }
        });
  }

  /** Rows are in the order of their fingerprints, so that neighbours are a random sample. */
  @Override
  public int removeUnused(int most) throws DiskException {
    return transact(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "select id from (select * from"
                      + " (select id, used from meta where id >= ?1 order by id limit ?2)"
                      + " union all select * from"
                      + " (select id, used from meta where id < ?1 order by id limit ?2)"
                      + " limit ?2) order by used limit ?3")) {
            select.setLong(1, ThreadLocalRandom.current().nextLong());
            select.setInt(2, most * SAMPLE);
            select.setInt(3, most);
            return delete(connection, select);
          }
        });
  }

  private static int delete(Connection connection, PreparedStatement select) throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
    }
    return delete(connection, ids);
  }

  private static int delete(Connection connection, List<Long> ids) throws SQLException {
    for (String table : List.of("entry", "meta")) {
      try (PreparedStatement delete =
          connection.prepareStatement("delete from " + table + " where id = ?")) {
        for (long id : ids) {
          delete.setLong(1, id);
          delete.executeUpdate();
        }
      }
    }
    return ids.size();
  }

  @Override
  public long count() throws DiskException {
    return number("select count(*) from meta");
  }

  @Override
  public long bytes() throws DiskException {
    return (number("pragma page_count") - number("pragma freelist_count")) * PAGE;
  }

  private long number(String query) throws DiskException {
    if (writer == null) {
      throw new DiskException(DiskFault.DAMAGED, "the file is no database");
    }
    try (PreparedStatement select = writer.prepareStatement(query);
        ResultSet row = select.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    } catch (SQLException failed) {
      throw translated(failed);
    }
  }

  @Override
  public Salvage replace() throws DiskException {
    gate.writeLock().lock();
    try {
      close();
      if (readOnly) {
        throw new DiskException(DiskFault.DAMAGED, "the database is damaged, and not writable");
      }
      Path damaged = folder.resolve(DAMAGED);
      Files.move(folder.resolve(NAME), damaged, StandardCopyOption.REPLACE_EXISTING);
      Files.deleteIfExists(folder.resolve(NAME + "-wal"));
      Files.deleteIfExists(folder.resolve(NAME + "-shm"));
      open();
      return Salvage.of(damaged, codec);
    } catch (IOException failed) {
      throw new DiskException(DiskFault.FAILED, "the damaged database cannot be moved");
    } finally {
      gate.writeLock().unlock();
    }
  }

  @Override
  public void close() {
    for (Reader each = readers.poll(); each != null; each = readers.poll()) {
      close(each.connection);
    }
    close(writer);
    writer = null;
  }

  private static void close(Connection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException closedAnyway) {
      return;
    }
  }

  private static DiskException translated(SQLException failed) {
    SQLiteErrorCode code =
        failed instanceof SQLiteException ours
            ? ours.getResultCode()
            : SQLiteErrorCode.UNKNOWN_ERROR;
    DiskFault fault =
        switch (SQLiteErrorCode.getErrorCode(code.code & 0xff)) {
          case SQLITE_CORRUPT, SQLITE_NOTADB -> DiskFault.DAMAGED;
          case SQLITE_FULL -> DiskFault.FULL;
          case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN -> DiskFault.READ_ONLY;
          default -> DiskFault.FAILED;
        };
    return new DiskException(fault, code.name()); // the message of SQLite may quote values
  }
}
