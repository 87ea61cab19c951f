package dev.refrain.cassette;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.refrain.Api;
import dev.refrain.cassette.CassetteFiles.CassetteError;
import dev.refrain.openai.CanonicalBody;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CassetteFilesTest {
  private static final String HEADER = "{\"refrain\":\"cassette\",\"version\":1}\n";
  private static final String LINE =
      "{\"request\":{\"method\":\"POST\",\"path\":\"/v1/completions\",\"body\":{\"model\":\"m\","
          + "\"prompt\":[\"x\"]}},\"sample\":1,\"response\":{\"status\":200,\"headers\":{"
          + "\"content-type\":\"application/json\"},\"body\":{\"id\":\"1\"}}}\n";

  @TempDir private Path folder;
  private final RequestForms forms = new RequestForms(new CanonicalBody(Api.ENDPOINTS));
  private final CassetteFiles files = new CassetteFiles(forms, 1 << 20, 1000);

  @Test
  void whatIsWrittenIsReadAgainAndWrittenTheSame() throws IOException {
    for (int seed = 0; seed < 300; seed++) {
      List<Exchange> some = new RandomExchanges(seed).some();
      Path first = folder.resolve("first");
      CassetteFiles.write(first, some);
      List<Exchange> read = new CassetteFiles(forms, 1 << 20).read(first, true);
      Path second = folder.resolve("second");
      CassetteFiles.write(second, read);

      assertThat(second).hasSameBinaryContentAs(first);
      assertThat(CassetteFiles.times(second)).hasSameBinaryContentAs(CassetteFiles.times(first));
      assertSame(some, read);
    }
  }

  private static void assertSame(List<Exchange> some, List<Exchange> read) {
    assertThat(read).hasSameSizeAs(some);
    for (Exchange each : some) {
      Exchange again =
          read.stream()
              .filter(one -> one.request().equals(each.request()))
              .filter(one -> one.sample() == each.sample())
              .findFirst()
              .orElseThrow();
      assertThat(again.answer().body()).isEqualTo(each.answer().body());
      assertThat(again.answer().headers()).isEqualTo(each.answer().headers());
      assertThat(again.answer().cut()).isEqualTo(each.answer().cut());
    }
  }

  @Test
  void linesAreInOneOrderHoweverTheExchangesCame() throws IOException {
    for (int seed = 0; seed < 50; seed++) {
      List<Exchange> some = new ArrayList<>(new RandomExchanges(seed).some());
      CassetteFiles.write(folder.resolve("first"), some);
      Collections.shuffle(some, new Random(seed));
      CassetteFiles.write(folder.resolve("second"), some);

      assertThat(folder.resolve("second")).hasSameBinaryContentAs(folder.resolve("first"));
    }
  }

  @Test
  void nothingIsLeftBesideTheFiles() throws IOException {
    CassetteFiles.write(folder.resolve("a.jsonl"), List.of());

    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("a.jsonl", "a.jsonl.times");
    assertThat(files.read(folder.resolve("a.jsonl"), true)).isEmpty();
  }

  @Test
  void whatPeopleWroteOtherwiseIsTheSameRequest() throws IOException {
    String edited =
        LINE.replace(
            "{\"model\":\"m\",\"prompt\":[\"x\"]}", "{\"prompt\": \"x\", \"model\": \"m\"}");
    List<Exchange> read = read(HEADER + edited);

    assertThat(read.get(0).request()).isEqualTo(read(HEADER + LINE).get(0).request());
  }

  @Test
  void lineEndsOfWindowsAndEmptyLinesAreNoError() throws IOException {
    assertThat(read((HEADER + "\n" + LINE).replace("\n", "\r\n"))).hasSize(1);
    assertThat(read(HEADER + LINE.strip())).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '#',
      value = {
        "\"sample\":1 | \"sample\":0 | sample: expected: a whole number from 1 to 2147483647",
        "\"sample\":1 | \"sample\":\"1\" | sample: expected: a whole number from 1 to 2147483647",
        "\"sample\":1, | ## | sample: missing",
        "\"sample\":1, | \"sample\":1,\"sample\":1, | sample: given twice",
        "\"sample\":1, | \"sample\":1,\"x\":1, | an unknown member (expected: request, response,"
            + " sample)",
        "\"status\":200 | \"status\":101 | response.status: expected: a whole number from 200 to"
            + " 999",
        "\"method\":\"POST\" | \"method\":7 | request.method: expected: a string",
        "\"headers\":{ | \"cut\":false,\"headers\":{ | response.cut: expected: true, or nothing",
        "\"headers\":{ | \"headers\":{\"a b\":\"c\", | response.headers: a name that is none, or is"
            + " given twice",
        "application/json | a\\r\\nb: c | response.headers: a value with a control character",
        "\"headers\":{ | \"frames\":[],\"headers\":{ | response: several bodies (expected: one of"
            + " body, base64, frames)",
        "\"body\":{\"id\":\"1\"} | \"base64\":\"!\" | response.base64: not base64",
        "\"body\":{\"id\":\"1\"} | \"frames\":[7] | response.frames: expected: a string",
        "\"id\":\"1\"} | \"id\":\"1 | not a JSON object, or a part of one",
      })
  void aLineThatIsNoneIsNamedWithItsFile(String in, String out, String message) throws IOException {
    String broken = LINE.replace(in, out);
    assertThat(broken).isNotEqualTo(LINE);

    assertRefused(HEADER + LINE.replace("[\"x\"]", "[\"y\"]") + broken, ":3: " + message);
  }

  @Test
  void otherFilesAreNamed() throws IOException {
    String expected = "not such a file, or of another version (expected: " + HEADER.strip() + ")";
    assertRefused("", ":1: " + expected);
    assertRefused(LINE, ":1: " + expected);
    assertRefused(HEADER.replace("1}", "2}") + LINE, ":1: " + expected);
    assertRefused(HEADER + LINE + LINE, ":3: the same request and sample as in line 2");
    assertRefused(HEADER + LINE.substring(0, 100), ":2: not a JSON object, or a part of one");
    assertRefused(HEADER + " ".repeat(1001), ":2: longer than 1000 bytes");
    assertRefused(HEADER + "[".repeat(900), ":2: not a JSON object, or a part of one");
    assertRefused(" ".repeat((1 << 20) + 1), ": larger than 1 MiB (expected: less, or more -Xmx)");
    assertThatThrownBy(() -> files.read(folder.resolve("none"), false))
        .hasMessage(folder.resolve("none") + ": no such file");
    assertThatThrownBy(() -> files.read(folder, false)).isInstanceOf(CassetteError.class);
  }

  @Test
  void bytesThatAreNotUtf8AreNoLine() throws IOException {
    Path file = folder.resolve("binary");
    Files.write(file, (HEADER + LINE.replace("\"1\"", "\"\u00e9\"")).getBytes("ISO-8859-1"));

    assertThatThrownBy(() -> files.read(file, false)).hasMessage(file + ":2: not UTF-8");
  }

  @Test
  void timesThatAreMissingOrDoNotFitAreNotKnown() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), HEADER + LINE);

    assertThat(files.read(file, true).get(0).answer().millis()).isEmpty();
    Files.writeString(
        CassetteFiles.times(file),
        "{\"refrain\":\"cassette times\",\"version\":1}\n"
            + "{\"request\":\"00\",\"sample\":1,\"millis\":[1,2]}\n");
    assertThat(files.read(file, true).get(0).answer().millis()).isEmpty();
    Files.writeString(CassetteFiles.times(file), "garbage");
    assertThat(files.read(file, false)).hasSize(1);
    assertThatThrownBy(() -> files.read(file, true))
        .hasMessageStartingWith(CassetteFiles.times(file) + ":1: not such a file");
  }

  private void assertRefused(String content, String message) throws IOException {
    assertThatThrownBy(() -> read(content))
        .isInstanceOf(CassetteError.class)
        .hasMessage(folder.resolve("file") + message);
  }

  private List<Exchange> read(String content) throws IOException {
    return files.read(Files.writeString(folder.resolve("file"), content), false);
  }
}
