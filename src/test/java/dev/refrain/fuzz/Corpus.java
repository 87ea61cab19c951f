package dev.refrain.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The seeds a mutator begins with: one file each, bytes as they are. */
final class Corpus {
  private static final Path FOLDER = Path.of("src/test/resources/fuzz");

  private Corpus() {}

  /** The seeds of one target, in an order that is always the same. */
  static List<byte[]> of(String target) {
    try (Stream<Path> files = Files.list(FOLDER.resolve(target))) {
      return files.sorted().map(Corpus::read).toList();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
