package dev.refrain.cli;

import dev.refrain.cache.Entries;
import dev.refrain.cache.EntryLine;
import dev.refrain.cache.ImportRules;
import dev.refrain.cache.Imported;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.cache.disk.DiskFolder;
import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.Tokens;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Folders of entries to test commands with. */
final class StoredFolders {
  static final int ENTRIES = Integer.getInteger("refrain.cache.entries", 200);
  private static final long HOUR = 3_600_000;
  private static final long NOW = System.currentTimeMillis();

  private StoredFolders() {}

  /** Every other one of chat; of four models; the last ones are old. */
  static Entry entry(int n) {
    return entry(n, NOW - (n < ENTRIES / 2 ? 0 : 5 * HOUR));
  }

  static Entry entry(int n, long storedAt) {
    byte[] noise = {(byte) 0xff, (byte) n, 0, '\n'};
    return new Entry(
        Entries.fingerprint(n * 0x9E3779B97F4A7C15L),
        n % 2 == 0 ? Framing.STREAM : Framing.WHOLE,
        new Head(200, HttpHeaders.headers().add("content-type", "x/y").add("x", "ü\"")),
        n % 10 == 0 ? Buffer.buffer(noise) : Buffer.buffer("{\"ü\":\"\\n " + n + "\"}\n"),
        n % 3 == 0 ? Tokens.UNKNOWN : Tokens.of(n, 2),
        storedAt,
        "model-" + n % 4,
        n % 4 - 2,
        n % 5 == 0 ? 20 * HOUR : 0,
        n % 4 == 0 ? "space" : "",
        n % 2 == 0 ? "chat" : "embeddings");
  }

  static List<Imported> store(Path folder, List<Entry> entries) {
    try (DiskFolder disk = DiskFolder.owning(folder)) {
      PurgeMarks none = new PurgeMarks(Duration.ofDays(1), () -> NOW);
      return disk.add(entries, new ImportRules(none, 24 * HOUR, 1 << 20));
    }
  }

  /** Marks something as purged; {@code time what}, as a tier writes it. */
  static void purge(Path folder, String mark) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line : List.of("marks 1", mark)) {
      CRC32C crc = new CRC32C();
      crc.update(line.getBytes(StandardCharsets.ISO_8859_1));
      text.append("%s %08x%n".formatted(line, crc.getValue()).repeat(2));
    }
    Files.writeString(folder.resolve("purges"), text);
  }

  /** What there is, as lines. */
  static List<String> lines(Path folder) {
    List<String> lines = new ArrayList<>();
    try (DiskFolder disk = DiskFolder.reading(folder)) {
      disk.entries(EntryFilter.ALL, entry -> lines.add(EntryLine.write(entry)));
    }
    return lines;
  }
}
