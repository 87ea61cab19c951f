package dev.refrain.runtime;

import dev.refrain.cache.disk.FileReplacement;
import dev.refrain.keys.Keyring.KeySpending;
import dev.refrain.keys.Spending.Sums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keys with a budget have spent, in a file beside the entries on disk, so that a restart
 * continues the count. Replaced as a whole; a line a key: date (UTC), name, billionths of the day,
 * billionths of the month.
 *
 * <pre>
 * 2026-11-30 search 1250000000 41000000000
 * </pre>
 *
 * <p>Every call blocks. Any thread, one at a time.
 */
final class SpendingFile {
  private static final Logger LOG = LoggerFactory.getLogger(SpendingFile.class);

  private final Path file;
  private final Map<String, Line> lines = new TreeMap<>();
  private String written = "";
  private boolean failed;

  private record Line(LocalDate date, long ofDay, long ofMonth) {
    private static Line of(Sums sums) {
      return new Line(sums.date(), sums.ofDay(), sums.ofMonth());
    }

    private String with(String name) {
      return date + " " + name + " " + ofDay + " " + ofMonth + "\n";
    }
  }

  /** Reads what there is; a line that makes no sense is left out, and said. */
  SpendingFile(Path folder) {
    file = folder.resolve("spent");
    try {
      for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
        String[] parts = line.split(" ");
        lines.put(
            parts[1],
            new Line(
                LocalDate.parse(parts[0]), Long.parseLong(parts[2]), Long.parseLong(parts[3])));
      }
    } catch (IOException
        | DateTimeParseException
        | NumberFormatException
        | IndexOutOfBoundsException damaged) {
      LOG.warn("{} cannot be read: budgets of keys may begin anew", file);
    }
  }

  /** Tells each key what it had spent before this process, and writes what it has spent now. */
  synchronized void sync(List<KeySpending> spendings) {
    for (KeySpending each : spendings) {
      Line before = lines.get(each.name());
      if (before != null) {
        each.spending().restore(before.date, before.ofDay, before.ofMonth);
      }
      lines.put(each.name(), Line.of(each.spending().sums()));
    }
    StringBuilder text = new StringBuilder();
    lines.forEach((name, line) -> text.append(line.with(name)));
    if (!spendings.isEmpty() && !written.contentEquals(text)) {
      write(text.toString());
    }
  }

  private void write(String text) {
    try {
      FileReplacement.write(file, text);
      written = text;
      failed = false;
    } catch (IOException unwritable) {
      if (!failed) {
        LOG.warn("{} cannot be written: a restart would not know what keys have spent", file);
      }
      failed = true;
    }
  }
}
