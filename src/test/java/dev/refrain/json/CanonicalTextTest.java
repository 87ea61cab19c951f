package dev.refrain.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '#',
      value = {
        "{ \"b\" : 1.50, \"a\" : [ true , null ] } | {\"a\":[true,null],\"b\":1.5}",
        "[0.7, 7e-1, 100, 1e2, -0.0, 1E400] | [0.7,0.7,100,100,0,1e400]",
        "[9007199254740993, 1e20, 1e21] | [9007199254740993,100000000000000000000,1e21]",
        "\"\\u0041\\n\\t\\u0000\\u001f\\/\\\"\\\\\" | \"A\\n\\t\\u0000\\u001f/\\\"\\\\\"",
        "\"\\ud83d\\ude00 \\ud83d 1e2\" | \"😀 \\ud83d 1e2\"",
        "{\"1e2\":\"-1e2\"} | {\"1e2\":\"-1e2\"}",
      })
  void itIsJsonThatPeopleCanRead(String document, String text) throws IOException {
    assertThat(text(document)).isEqualTo(text);
  }

  @Test
  void itsCanonicalFormIsTheSameAgain() throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      StringBuilder document = new StringBuilder();
      value(random, document, 4);
      String once = text(document.toString());
      assertThat(canonical(once)).as(document.toString()).isEqualTo(canonical(document.toString()));
      assertThat(text(once)).isEqualTo(once);
    }
  }

  private static void value(Random random, StringBuilder out, int depth) {
    switch (random.nextInt(depth > 0 ? 6 : 4)) {
      case 0 -> out.append(random.nextBoolean() ? "true" : "null");
      case 1 ->
          out.append(random.nextInt(100_000) - 50_000)
              .append(random.nextBoolean() ? "." + random.nextInt(1000) : "")
              .append(random.nextBoolean() ? "e" + (random.nextInt(60) - 30) : "");
      case 2, 3 -> string(random, out);
      case 4 -> list(random, out, depth, '[', ']', false);
      default -> list(random, out, depth, '{', '}', true);
    }
  }

  private static void list(
      Random random, StringBuilder out, int depth, char open, char close, boolean named) {
    out.append(open);
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      out.append(i == 0 ? "" : ",");
      if (named) {
        string(random, out);
        out.append(':');
      }
      value(random, out, depth - 1);
    }
    out.append(close);
  }

  private static void string(Random random, StringBuilder out) {
    String[] units = {"a", "1e2", "\\n", "\\u0001", "\\\"", "\\\\", "ü", "😀", "\\ud800", " "};
    out.append('"');
    for (int i = random.nextInt(5); i > 0; i--) {
      out.append(units[random.nextInt(units.length)]);
    }
    out.append('"');
  }

  private static String text(String document) throws IOException {
    byte[] canonical = canonical(document);
    return CanonicalText.of(canonical, 0, canonical.length);
  }

  private static byte[] canonical(String document) throws IOException {
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    Canonical canonical = new Canonical();
    canonical.begin(bytes);
    JsonTokens in = new JsonTokens(bytes);
    in.nextToken();
    canonical.value(in);
    return Arrays.copyOf(canonical.bytes(), canonical.length());
  }
}
