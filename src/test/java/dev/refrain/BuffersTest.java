package dev.refrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.memory.MemoryBudget.Use;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/internals/buffers.md} names every use of memory, and owners that exist. */
class BuffersTest {
  private static final Path PAGE = Path.of("docs/internals/buffers.md");
  private static final Pattern OWNER = Pattern.compile("`(?:\\w+\\.)?([A-Z]\\w+)`");

  private static List<String[]> rows() throws IOException {
    try (Stream<String> lines = Files.lines(PAGE)) {
      return lines
          .filter(line -> line.startsWith("| ") && !line.startsWith("| what"))
          .filter(line -> !line.startsWith("| ---"))
          .map(line -> line.split("\\|", -1))
          .toList();
    }
  }

  @Test
  void everyUseOfTheMemoryBudgetIsInTheTable() throws IOException {
    String page = Files.readString(PAGE);
    for (Use use : Use.values()) {
      assertThat(page).contains("`" + use.label() + "`");
    }
  }

  @Test
  void everyBufferHasAnOwnerAndABound() throws IOException {
    assertThat(rows()).isNotEmpty();
    for (String[] row : rows()) {
      assertThat(row).as(row[1]).hasSize(7);
      assertThat(row[2]).as("owner of" + row[1]).isNotBlank();
      assertThat(row[3]).as("bound of" + row[1]).isNotBlank();
    }
  }

  @Test
  void everyOwnerIsAClassOfOurs() throws IOException {
    for (String[] row : rows()) {
      Matcher owner = OWNER.matcher(row[2]);
      while (owner.find()) {
        assertThat(exists(owner.group(1))).as(owner.group(1)).isTrue();
      }
    }
  }

  private static boolean exists(String type) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      return files.anyMatch(file -> file.endsWith(type + ".java"));
    }
  }
}
