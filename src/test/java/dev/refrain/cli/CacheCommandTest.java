package dev.refrain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.cache.EntryLine;
import dev.refrain.cache.disk.OwnerLock;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code cache ls}, {@code stats}, {@code rm}, {@code export}, {@code import}, {@code verify}. */
class CacheCommandTest {
  private static final int ENTRIES = StoredFolders.ENTRIES;

  @TempDir private Path folder;
  private Path from;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void store() {
    from = folder.resolve("from");
    StoredFolders.store(from, IntStream.range(0, ENTRIES).mapToObj(StoredFolders::entry).toList());
  }

  private int run(Object... words) {
    out.getBuffer().setLength(0);
    String[] args = new String[words.length + 1];
    args[0] = "cache";
    for (int i = 0; i < words.length; i++) {
      args[i + 1] = words[i].toString();
    }
    return Main.commandLine(Map.of())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  @ParameterizedTest
  @CsvSource({
    "--model,model-1,4",
    "--model,model-*,1",
    "--endpoint,chat,2",
    "--namespace,space,4",
    "--older-than,1h,2"
  })
  void lsListsWhatIsSelected(String option, String value, int share) {
    assertThat(run("ls", "--path", from, option, value, "--json")).isZero();

    List<JsonObject> lines = out.toString().lines().map(JsonObject::new).toList();
    assertThat(lines).hasSize(ENTRIES / share);
    assertThat(lines.get(0).fieldNames())
        .contains("fingerprint", "endpoint", "model", "namespace", "storedAt", "expiresAt", "size");
  }

  @Test
  void aTableIsForPeople() {
    assertThat(run("ls", "--path", from, "--model", "model-3")).isZero();
    assertThat(out.toString().lines().limit(2).toList().get(0))
        .matches("ENDPOINT +MODEL +NAMESPACE +AGE +EXPIRES +BYTES +FINGERPRINT");
    assertThat(out.toString().lines().skip(1).toList().get(0))
        .matches("embeddings +model-3 +- +\\d+[smh] +\\d+h +\\d+ +[0-9a-f]{64}");

    assertThat(run("stats", "--path", from)).isZero();
    assertThat(out.toString())
        .containsPattern("chat +model-0 +space +" + ENTRIES / 4)
        .containsPattern("all +" + ENTRIES);
  }

  @Test
  void whatIsExportedAndImportedIsEqual() throws IOException {
    Path file = folder.resolve("entries.jsonl");
    Path to = folder.resolve("to");
    assertThat(run("export", "--path", from, "--to", file)).isZero();
    assertThat(run("import", "--path", to, "--from", file)).isZero();

    assertThat(out.toString()).contains(ENTRIES + " stored");
    assertThat(StoredFolders.lines(to))
        .hasSize(ENTRIES)
        .containsExactlyInAnyOrderElementsOf(StoredFolders.lines(from));
    assertThat(Files.readAllLines(file)).hasSize(ENTRIES + 1).startsWith(EntryLine.HEADER);
    assertThat(run("verify", "--path", to)).isZero();
  }

  @Test
  void rmRemovesWhatIsSelectedAndNothingElse() {
    assertThat(run("rm", "--path", from)).isEqualTo(2);
    assertThat(run("rm", "--path", from, "--endpoint", "chat")).isZero();
    assertThat(out.toString()).contains(ENTRIES / 2 + " removed");
    assertThat(StoredFolders.lines(from))
        .hasSize(ENTRIES / 2)
        .noneMatch(line -> line.contains("\"chat\""));
    assertThat(run("rm", "--path", from, "--all")).isZero();
    assertThat(StoredFolders.lines(from)).isEmpty();
  }

  @Test
  void verifyNamesEachDamagedEntry() throws IOException {
    assertThat(run("verify", "--path", from)).isZero();
    Path file = from.resolve("entries.db");
    byte[] bytes = Files.readAllBytes(file);
    byte[] part = "\\n 7\"".getBytes(StandardCharsets.UTF_8);
    bytes[indexOf(bytes, part) + 2] ^= 1;
    Files.write(file, bytes);

    assertThat(run("verify", "--path", from)).isEqualTo(1);
    assertThat(out.toString().lines())
        .containsExactly(StoredFolders.entry(7).fingerprint().toString(), "1 damaged");
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    return IntStream.range(0, bytes.length - part.length)
        .filter(at -> Arrays.equals(bytes, at, at + part.length, part, 0, part.length))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aFolderInUseIsReadAndNotChanged() {
    try (OwnerLock owner = OwnerLock.of(from).orElseThrow()) {
      assertThat(run("ls", "--path", from)).isZero();
      assertThat(run("rm", "--path", from, "--all")).isEqualTo(2);
      assertThat(owner).isNotNull();
    }
    assertThat(err.toString()).contains("is in use by another process").hasLineCount(1);
  }

  @Test
  void mistakesAreOneLine() throws IOException {
    Path other = Files.writeString(folder.resolve("other"), "x\n");
    Path broken = Files.writeString(folder.resolve("broken"), EntryLine.HEADER + "\n{}\n");
    assertThat(run("ls", "--path", folder.resolve("none"))).isEqualTo(1);
    assertThat(run("ls", "--path", from, "--older-than", "long")).isEqualTo(2);
    assertThat(run("import", "--path", from, "--from", other)).isEqualTo(2);
    assertThat(run("import", "--path", from, "--from", broken)).isEqualTo(2);
    assertThat(err.toString().lines())
        .hasSize(4)
        .allSatisfy(line -> assertThat(line).startsWith("refrain: "))
        .last()
        .asString()
        .isEqualTo("refrain: --from: line 2: fingerprint: missing");
  }
}
