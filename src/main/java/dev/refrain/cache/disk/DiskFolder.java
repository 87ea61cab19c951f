package dev.refrain.cache.disk;

import dev.refrain.cache.EntryCodec;
import dev.refrain.cache.ImportRules;
import dev.refrain.cache.Imported;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import dev.refrain.inference.Fingerprint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The folder of a disk tier for an operator, beside or in the place of the process that owns it.
 * Every call blocks. One thread.
 */
public final class DiskFolder implements AutoCloseable {
  private static final int MAX_VALUE = Integer.MAX_VALUE;
  private static final long NO_LIMIT = 1 << 30;

  private final Optional<OwnerLock> owner;
  private final Connection connection;
  private final PurgeMarks purgeMarks;
  private final EntryCodec codec = EntryCodec.complete(MAX_VALUE);

  private DiskFolder(Optional<OwnerLock> owner, Connection connection, PurgeMarks purgeMarks) {
    this.owner = owner;
    this.connection = connection;
    this.purgeMarks = purgeMarks;
  }

  /** What went wrong, for an operator. */
  public static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unusable(String message) {
      super(message);
    }
  }

  /**
   * An entry as it is listed.
   *
   * @param expiresAt when it stops being fresh, in milliseconds of the epoch
   * @param size bytes of its value as it is stored; 0 if it is missing
   */
  public record Listed(
      Fingerprint fingerprint,
      String endpoint,
      String model,
      String namespace,
      long scope,
      long storedAt,
      long expiresAt,
      long size) {}

  /** Opens a folder to read it, also while a process uses it. */
  public static DiskFolder reading(Path folder) {
    if (!Files.exists(folder.resolve("entries.db"))) {
      throw new Unusable("no stored entries in " + folder);
    }
    return open(folder, Optional.empty());
  }

  /**
   * Opens a folder to change it, which is created if it is missing.
   *
   * @throws OwnerLock.InUse if a process uses it
   */
  public static DiskFolder owning(Path folder) {
    Optional<OwnerLock> owner = OwnerLock.of(folder);
    if (owner.isEmpty()) {
      throw new Unusable(folder + " is not writable");
    }
    return open(folder, owner);
  }

  private static DiskFolder open(Path folder, Optional<OwnerLock> owner) {
    try {
      Connection connection =
          Database.open(folder.resolve("entries.db"), NO_LIMIT, !Files.isWritable(folder));
      try (Statement statement = connection.createStatement()) {
        // Overwrites removed entries, so that Salvage cannot recover them.
        statement.execute("pragma secure_delete = on");
      }
      connection.setAutoCommit(false);
      PurgeMarks purgeMarks = new PurgeMarks(Duration.ofDays(3650), System::currentTimeMillis);
      new MarkFile(folder).read(purgeMarks.now(), purgeMarks::add);
      return new DiskFolder(owner, connection, purgeMarks);
    } catch (SQLException damaged) {
      owner.ifPresent(OwnerLock::close);
      throw unusable(damaged);
    }
  }

  private static Unusable unusable(SQLException failed) {
    return new Unusable("the database cannot be used: " + failed.getMessage());
  }

  /** Lists what the filter selects, by no order that means anything. */
  public void list(EntryFilter filter, Consumer<Listed> into) {
    try (PreparedStatement select =
            connection.prepareStatement(
                "select fingerprint, endpoint, model, namespace, scope, stored, expires,"
                    + " length(value) from meta left join entry using (id)");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        Listed listed = listed(rows);
        if (filter.selects(listed.model, listed.endpoint, listed.namespace, listed.storedAt)) {
          into.accept(listed);
        }
      }
    } catch (SQLException damaged) {
      throw unusable(damaged);
    }
  }

  private static Listed listed(ResultSet row) throws SQLException {
    return new Listed(
        Fingerprint.of(row.getBytes(1)),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getLong(5),
        row.getLong(6),
        row.getLong(7),
        row.getLong(8));
  }

  /** Purge marks of the folder. */
  public PurgeMarks purgeMarks() {
    return purgeMarks;
  }

  /** Gives the entries that the filter selects, but for damaged and purged ones. */
  public void entries(EntryFilter filter, Consumer<Entry> into) {
    for (Fingerprint each : selected(filter)) {
      entry(each).filter(entry -> !purgeMarks.covers(entry)).ifPresent(into);
    }
  }

  private Optional<Entry> entry(Fingerprint fingerprint) {
    return value(fingerprint).flatMap(value -> codec.decode(fingerprint, value));
  }

  private List<Fingerprint> selected(EntryFilter filter) {
    List<Fingerprint> selected = new ArrayList<>();
    list(filter, listed -> selected.add(listed.fingerprint));
    return selected;
  }

  private Optional<byte[]> value(Fingerprint fingerprint) {
    try (PreparedStatement select =
        connection.prepareStatement("select value from entry where id = ?")) {
      select.setLong(1, fingerprint.a());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(row.getBytes(1)) : Optional.empty();
      }
    } catch (SQLException damaged) {
      return Optional.empty();
    }
  }

  /** Names each entry that cannot be read any more, and what else is damaged. */
  public void verify(Consumer<String> damaged) {
    for (Fingerprint each : selected(EntryFilter.ALL)) {
      if (entry(each).isEmpty()) {
        damaged.accept(each.toString());
      }
    }
    try (PreparedStatement lost =
            connection.prepareStatement(
                "select id from entry where id not in (select id from meta)");
        ResultSet rows = lost.executeQuery()) {
      while (rows.next()) {
        damaged.accept(HexFormat.of().toHexDigits(rows.getLong(1)) + "… (not listed)");
      }
    } catch (SQLException tree) {
      damaged.accept("the tree of the database: " + tree.getMessage());
    }
  }

  /** Removes what the filter selects; how many that was. */
  public int remove(EntryFilter filter) {
    List<Fingerprint> selected = selected(filter);
    change(
        () -> {
          for (String table : List.of("entry", "meta")) {
            try (PreparedStatement delete =
                connection.prepareStatement("delete from " + table + " where id = ?")) {
              for (Fingerprint each : selected) {
                delete.setLong(1, each.a());
                delete.executeUpdate();
              }
            }
          }
        });
    return selected.size();
  }

  /** Stores entries that the rules allow, in the place of older ones. What became of each. */
  public List<Imported> add(List<Entry> entries, ImportRules rules) {
    List<Imported> outcomes = new ArrayList<>();
    change(
        () -> {
          for (Entry each : entries) {
            outcomes.add(add(each, rules));
          }
        });
    return outcomes;
  }

  private Imported add(Entry entry, ImportRules rules) throws SQLException {
    Optional<Imported> refusal = rules.refusal(entry);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    if (entry(entry.fingerprint()).filter(is -> is.storedAt() >= entry.storedAt()).isPresent()) {
      return Imported.KEPT;
    }
    Optional<byte[]> value = codec.encode(entry);
    if (value.isEmpty()) {
      return Imported.TOO_LARGE;
    }
    Database.insert(
        connection, new EntryFile.Row(entry, value.get(), entry.expiresAt(rules.ttl())));
    return Imported.STORED;
  }

  private interface Change {
    void make() throws SQLException;
  }

  private void change(Change change) {
    try {
      change.make();
      connection.commit();
    } catch (SQLException failed) {
      throw unusable(failed);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException failed) {
      throw unusable(failed);
    } finally {
      owner.ifPresent(OwnerLock::close);
    }
  }
}
