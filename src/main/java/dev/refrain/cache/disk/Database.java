package dev.refrain.cache.disk;

import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import dev.refrain.inference.Purge;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The schema of {@link SqliteFile}, and connections to it. */
final class Database {
  private static final int VERSION = 1;

  /** Rows that one page looks at. */
  private static final int SCANNED = 4_096;

  private Database() {}

  /** A connection; the schema is made if it is missing. */
  static Connection open(Path file, long pages, boolean readOnly) throws SQLException {
    String url = "jdbc:sqlite:file:" + file.toUri().getRawPath();
    // Of a folder that is not writable not even the index of the WAL can be made.
    Connection connection =
        JDBC.createConnection(readOnly ? url + "?immutable=1" : url, properties(readOnly));
    try {
      if (!readOnly) {
        prepare(connection, pages);
      }
      return connection;
    } catch (SQLException failed) {
      connection.close();
      throw failed;
    }
  }

  private static Properties properties(boolean readOnly) {
    Properties properties = new Properties();
    if (readOnly) {
      properties.setProperty("open_mode", "65"); // SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
    }
    return properties;
  }

  private static void prepare(Connection connection, long pages) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String pragma :
          new String[] {
            "page_size = " + SqliteFile.PAGE,
            "journal_mode = wal",
            "synchronous = normal",
            "max_page_count = " + pages,
            "journal_size_limit = " + (8 << 20),
            "cell_size_check = on",
            "busy_timeout = 2000",
          }) {
        statement.execute("pragma " + pragma);
      }
      int version = version(statement);
      if (version == 0) {
        create(statement);
      } else if (version != VERSION) {
        throw new SQLiteException("another version", SQLiteErrorCode.SQLITE_NOTADB);
      }
    }
  }

  private static int version(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("pragma user_version")) {
      return row.getInt(1);
    }
  }

  private static void create(Statement statement) throws SQLException {
    for (String sql :
        new String[] {
          "begin immediate",
          "create table if not exists entry (id integer primary key, value blob not null)",
          "create table if not exists meta (id integer primary key, fingerprint blob not null,"
              + " model text not null, endpoint text not null, namespace text not null, scope"
              + " integer not null, stored integer not null, expires integer not null, used integer"
              + " not null)",
          "create index if not exists expiry on meta (expires)",
          "pragma user_version = " + VERSION,
          "commit",
        }) {
      statement.execute(sql);
    }
  }

  /** Writes an entry to both tables. */
  static void insert(Connection connection, EntryFile.Row row) throws SQLException {
    try (PreparedStatement value =
            connection.prepareStatement("insert or replace into entry values (?, ?)");
        PreparedStatement meta =
            connection.prepareStatement(
                "insert or replace into meta values (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      value.setLong(1, row.entry().fingerprint().a());
      value.setBytes(2, row.value());
      value.executeUpdate();
      set(meta, row).executeUpdate();
    }
  }

  private static PreparedStatement set(PreparedStatement insert, EntryFile.Row row)
      throws SQLException {
    Entry entry = row.entry();
    insert.setLong(1, entry.fingerprint().a());
    insert.setBytes(2, entry.fingerprint().bytes());
    insert.setString(3, entry.model());
    insert.setString(4, entry.endpoint());
    insert.setString(5, entry.namespace());
    insert.setLong(6, entry.scope());
    insert.setLong(7, entry.storedAt());
    insert.setLong(8, row.expiresAt());
    insert.setLong(9, entry.storedAt());
    return insert;
  }

  /** As {@link EntryFile#page}; a few thousand rows at most are looked at. */
  static EntryFile.Page page(Connection connection, EntryFilter filter, long from, long bytes)
      throws SQLException {
    List<byte[]> values = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select id, model, endpoint, namespace, stored, value"
                + " from meta join entry using (id) where id >= ? order by id limit "
                + SCANNED)) {
      select.setLong(1, from);
      long held = 0;
      int looked = 0;
      long next = from;
      try (ResultSet row = select.executeQuery()) {
        while (held < bytes && row.next()) {
          looked++;
          next = row.getLong(1) + 1;
          if (selects(filter, row)) {
            byte[] value = row.getBytes(6); // which is read from the disk only now
            values.add(value);
            held += value.length;
          }
        }
      }
      boolean last = held < bytes && looked < SCANNED || next == Long.MIN_VALUE;
      return new EntryFile.Page(values, next, last);
    }
  }

  private static boolean selects(EntryFilter filter, ResultSet row) throws SQLException {
    return filter.selects(row.getString(2), row.getString(3), row.getString(4), row.getLong(5));
  }

  /** Rows that a filter selects. */
  static List<Long> selected(Connection connection, EntryFilter filter, int most)
      throws SQLException {
    List<Long> selected = new ArrayList<>();
    try (PreparedStatement select =
            connection.prepareStatement("select id, model, endpoint, namespace, stored from meta");
        ResultSet row = select.executeQuery()) {
      while (selected.size() < most && row.next()) {
        if (selects(filter, row)) {
          selected.add(row.getLong(1));
        }
      }
    }
    return selected;
  }

  /** A condition on {@code meta} with one parameter, {@link #argument}. */
  static String condition(Purge what) {
    return switch (what.by()) {
      case ALL -> "?";
      case MODEL -> "model = ?";
      case SCOPE -> "scope = ?";
      case NAMESPACE -> "namespace = ?";
      case FINGERPRINT -> "fingerprint = ?";
    };
  }

  static Object argument(Purge what) {
    if (what instanceof Purge.OfModel of) {
      return of.model();
    } else if (what instanceof Purge.OfScope of) {
      return of.scope();
    } else if (what instanceof Purge.OfNamespace of) {
      return of.namespace();
    } else if (what instanceof Purge.OfFingerprint of) {
      return of.fingerprint().bytes();
    }
    return 1;
  }
}
