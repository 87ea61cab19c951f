package dev.refrain.cache.disk;

import dev.refrain.inference.Observer.DiskFault;
import dev.refrain.inference.Purge;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.zip.CRC32C;

/**
 * Purge marks in a file of text, so that purges survive a restart. Replaced as a whole. Each line
 * is written twice with its checksum, so that a damaged one is read from its copy:
 *
 * <pre>
 * marks 1 61c6a7b9
 * marks 1 61c6a7b9
 * 1700000000000 model:gpt-4o 9a3b0c11
 * 1700000000000 model:gpt-4o 9a3b0c11
 * </pre>
 *
 * <p>If both are damaged, it is not known what was purged, and everything counts as purged.
 */
final class MarkFile {
  private static final String HEADER = "marks ";

  private final Path file;

  MarkFile(Path folder) {
    this.file = folder.resolve("purges");
  }

  /**
   * Reads the marks there are.
   *
   * @param now milliseconds of the epoch; when everything counts as purged if the file is damaged
   * @param into receives each
   */
  void read(long now, BiConsumer<Purge, Long> into) {
    if (!Files.exists(file)) {
      return;
    }
    try {
      Map<Purge, Long> marks = new HashMap<>();
      List<String> lines = Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList();
      int left = Integer.parseInt(line(lines, 0).substring(HEADER.length()));
      for (int i = 1; i <= left; i++) {
        String[] mark = line(lines, i).split(" ");
        marks.put(parse(mark[1]), Long.parseLong(mark[0]));
      }
      marks.forEach(into);
    } catch (IOException | RuntimeException damaged) {
      into.accept(Purge.ALL, now);
    }
  }

  private static String line(List<String> lines, int i) {
    for (int copy : new int[] {2 * i, 2 * i + 1}) {
      String line = lines.get(copy);
      int end = line.lastIndexOf(' ');
      if (end > 0 && checksum(line.substring(0, end)).equals(line.substring(end + 1))) {
        return line.substring(0, end);
      }
    }
    throw new IllegalArgumentException();
  }

  private static Purge parse(String text) {
    int colon = text.indexOf(':');
    String value = URLDecoder.decode(text.substring(colon + 1), StandardCharsets.UTF_8);
    for (Purge.By by : Purge.By.values()) {
      if (by.label().equals(text.substring(0, colon))) {
        Optional<Purge> known = Purge.of(by, value);
        return known.orElse(Purge.ALL);
      }
    }
    return Purge.ALL; // of a newer version
  }

  /** Writes these in the place of those before; they are on the disk when it returns. */
  void write(Map<Purge, Long> marks) throws DiskException {
    StringBuilder text = new StringBuilder();
    append(text, HEADER + marks.size());
    marks.forEach(
        (what, epoch) ->
            append(
                text,
                epoch
                    + " "
                    + what.by().label()
                    + ":"
                    + URLEncoder.encode(what.value(), StandardCharsets.UTF_8)));
    try {
      FileReplacement.write(file, text.toString());
    } catch (AccessDeniedException | ReadOnlyFileSystemException readOnly) {
      throw new DiskException(DiskFault.READ_ONLY, "the marks of purges cannot be written");
    } catch (IOException failed) {
      throw new DiskException(DiskFault.FAILED, "the marks of purges cannot be written");
    }
  }

  private static void append(StringBuilder text, String line) {
    for (int copy = 0; copy < 2; copy++) {
      text.append(line).append(' ').append(checksum(line)).append('\n');
    }
  }

  private static String checksum(String line) {
    CRC32C crc = new CRC32C();
    crc.update(line.getBytes(StandardCharsets.ISO_8859_1));
    return "%08x".formatted(crc.getValue());
  }
}
