package dev.refrain.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalTest {
  private final Canonical canonical = new Canonical();

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "0|0.0",
        "0|-0",
        "0|-0.0",
        "0|0e5",
        "0|0E-5",
        "0|-0e99999999999999999999",
        "10|1e1",
        "10|1E+1",
        "10|10.0",
        "100|0.1e3",
        "0.1|1e-1",
        "0.10|0.1",
        "1200|12e2",
        "-1.50|-15e-1",
        "0.001|1e-3",
        "1e2147483648|10e2147483647",
        "1e-2147483649|0.1e-2147483648",
        "[1,2]|[ 1 , 2.0 ]",
        "{\"a\":1,\"b\":2}|{\"b\":2,\"a\":1}",
        "{\"a\":{\"c\":3,\"d\":[{\"e\":5,\"f\":6}]},\"b\":2}|"
            + "{\"b\":2,\"a\":{\"d\":[{\"f\":6,\"e\":5}],\"c\":3}}",
        "\"é\"|\"\\u00e9\"",
        "\"é\"|\"\\u00E9\"",
        "\"/\"|\"\\/\"",
        "\"A\"|\"\\u0041\"",
        "\"\\n\"|\"\\u000a\"",
        "\"\\\"\"|\"\\u0022\"",
        "\"\\\\\"|\"\\u005c\"",
        "\"😀\"|\"\\ud83d\\ude00\"",
        "\"😀\"|\"\\uD83D\\uDE00\"",
        "{\"é\":1}|{\"\\u00e9\":1}",
        "{\"😀\":1}|{\"\\ud83d\\ude00\":1}",
        "{\"a\\/b\":1}|{\"a/b\":1}",
      })
  void theSameThingInTwoSpellingsIsOne(String one, String other) throws IOException {
    assertThat(of(one)).isEqualTo(of(other));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "9007199254740993|9007199254740992",
        "9007199254740993|9007199254740993.5",
        "0.1|0.1000000000000000000000001",
        "1e400|1e401",
        "1e99999999999999999999|1e99999999999999999998",
        "1|-1",
        "1|\"1\"",
        "0|false",
        "1|true",
        "0|null",
        "\"\"|null",
        "\"null\"|null",
        "[]|{}",
        "[]|null",
        "[1]|1",
        "[1,2]|[2,1]",
        "[1,2]|[12]",
        "[[1],2]|[1,[2]]",
        "[null]|[]",
        // In a JSON schema "const": null allows null alone, and nothing allows everything.
        "{\"const\":null}|{}",
        "{\"a\":1,\"a\":2}|{\"a\":2,\"a\":1}",
        "{\"a\":1,\"a\":null}|{\"a\":1}",
        "{\"a\":1}|{\"A\":1}",
        "{\"a\":1,\"b\":2}|{\"a\":2,\"b\":1}",
        "{\"a\":{\"b\":1}}|{\"a\":{},\"b\":1}",
        "\"a\"|\"A\"",
        "\"a\"|\" a\"",
        "\"a\"|\"a \"",
        "\"\\n\"|\"n\"",
        "\"\\n\"|\"\\\\n\"",
        "\"\\u000a\"|\"\\\\ak\"",
        "\"\\u0000\"|\"\"",
        "\"\\u0000\"|\"\\u0001\"",
        "\"\\u001f\"|\"\\u000f\"",
        // composed and decomposed: two texts to a model
        "\"é\"|\"e\\u0301\"",
        "\"\\ud83d\"|\"\\ude00\"",
        "\"\\ud83d\"|\"?\"",
        "\"\\ud83d\"|\"\\ufffd\"",
        "\"\\ude00\\ud83d\"|\"\\ud83d\\ude00\"",
        "\"a\\\",\\\"b\"|\"a\\\\\\\",\\\\\\\"b\"",
        "[\"a,b\"]|[\"a\",\"b\"]",
      })
  void twoThingsAreTwo(String one, String other) throws IOException {
    assertThat(of(one)).isNotEqualTo(of(other));
  }

  @RepeatedTest(100)
  void orderWhiteSpaceAndSpellingMakeNoDifference(RepetitionInfo repetition) throws IOException {
    Random random = new Random(repetition.getCurrentRepetition());
    Value value = Value.random(random, 4);
    assertThat(of(value.spelled(random))).isEqualTo(of(value.spelled(random)));
  }

  @RepeatedTest(100)
  void everyChangeOfAValueMakesADifference(RepetitionInfo repetition) throws IOException {
    Random random = new Random(repetition.getCurrentRepetition());
    Value value = Value.random(random, 4);
    String before = of(value.spelled(random));
    value.change(random);
    assertThat(of(value.spelled(random))).isNotEqualTo(before);
  }

  @RepeatedTest(20)
  void itsTextIsUnambiguousAndWithoutLineFeeds(RepetitionInfo repetition) throws IOException {
    Random random = new Random(repetition.getCurrentRepetition());
    String text = of(Value.random(random, 5).spelled(random));
    assertThat(text).doesNotContain("\n");
  }

  @Test
  void everyCharacterKeepsItsOwnForm() throws IOException {
    List<String> forms = new ArrayList<>();
    for (int c = 0; c <= 0xFFFF; c += c < 0x1000 || c >= 0xD700 && c < 0xE100 ? 1 : 37) {
      forms.add(of(String.format("\"\\u%04x\"", c)));
    }
    assertThat(forms).doesNotHaveDuplicates();
  }

  @Test
  void wellFormedTextIsWrittenAsUtf8() throws IOException {
    String text = "aé€😀\u007f";
    write("\"" + text + "\"");
    assertThat(new String(canonical.bytes(), 0, canonical.length(), UTF_8))
        .isEqualTo("\"" + text + "\"");
  }

  @Test
  void aGiantIsNotRememberedOnceItIsCleared() throws IOException {
    write("\"" + "x".repeat(4 << 20) + "\"");
    assertThat(canonical.bytes().length).isGreaterThan(4 << 20);
    canonical.clear();
    assertThat(canonical.bytes().length).isLessThan(1 << 16);
  }

  private String of(String json) throws IOException {
    canonical.clear();
    write(json);
    // one character for each byte: what is no UTF-8 must not be repaired
    return new String(canonical.bytes(), 0, canonical.length(), ISO_8859_1);
  }

  private void write(String json) throws IOException {
    byte[] bytes = json.getBytes(UTF_8);
    canonical.begin(bytes);
    JsonTokens in = new JsonTokens(bytes);
    in.nextToken();
    canonical.value(in);
    assertThat(in.nextToken()).isNull();
  }

  /** A JSON value that can be written in many ways. */
  private static final class Value {
    private static final int[] ALPHABET =
        "ab \"\\/\n\t\u0001\u001f\u007fé€😀,:{}[]n0".codePoints().toArray();

    private final List<String> names = new ArrayList<>();
    private final List<Value> children = new ArrayList<>();
    private Object scalar;
    private boolean array;

    static Value random(Random random, int depth) {
      Value value = new Value();
      int kind = random.nextInt(depth == 0 ? 2 : 4);
      if (kind < 2) {
        value.scalar = kind == 0 ? number(random) : text(random);
        return value;
      }
      value.array = kind == 2;
      for (int i = random.nextInt(5); i >= 0; i--) {
        value.names.add(text(random) + i);
        value.children.add(random(random, depth - 1));
      }
      return value;
    }

    private static BigDecimal number(Random random) {
      BigDecimal number = new BigDecimal(new BigInteger(random.nextInt(90), random));
      number = number.scaleByPowerOfTen(random.nextInt(40) - 20);
      return random.nextBoolean() ? number : number.negate();
    }

    private static String text(Random random) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(6); i > 0; i--) {
        text.appendCodePoint(ALPHABET[random.nextInt(ALPHABET.length)]);
      }
      return text.toString();
    }

    void change(Random random) {
      if (scalar instanceof BigDecimal number) {
        scalar = number.add(BigDecimal.ONE);
      } else if (scalar instanceof String text) {
        scalar = text + "x";
      } else if (random.nextInt(3) == 0) {
        int at = random.nextInt(children.size());
        children.remove(at);
        names.remove(at);
      } else {
        children.get(random.nextInt(children.size())).change(random);
      }
    }

    String spelled(Random random) {
      if (scalar instanceof BigDecimal number) {
        return spelled(number, random);
      }
      if (scalar instanceof String text) {
        return quoted(text, random);
      }
      List<String> parts = new ArrayList<>();
      for (int i = 0; i < children.size(); i++) {
        String value = space(random) + children.get(i).spelled(random) + space(random);
        parts.add(array ? value : space(random) + quoted(names.get(i), random) + " :" + value);
      }
      if (!array) {
        Collections.shuffle(parts, random);
      }
      String inside = String.join(",", parts);
      return array ? "[" + inside + "]" : "{" + inside + "}";
    }

    private static String space(Random random) {
      return Arrays.asList("", " ", "\n", "\t\r").get(random.nextInt(4));
    }

    private static String spelled(BigDecimal number, Random random) {
      return switch (random.nextInt(4)) {
        case 0 -> number.toPlainString();
        case 1 -> number.stripTrailingZeros().toString();
        case 2 -> number.unscaledValue() + "E" + -number.scale();
        default -> number.setScale(Math.max(0, number.scale()) + 3).toPlainString();
      };
    }

    private static String quoted(String text, Random random) {
      StringBuilder out = new StringBuilder("\"");
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        // half of a pair cannot be written raw
        if (c < ' '
            || c == '"'
            || c == '\\'
            || Character.isSurrogate(c)
            || random.nextInt(5) == 0) {
          out.append(String.format(random.nextBoolean() ? "\\u%04x" : "\\u%04X", (int) c));
        } else {
          out.append(c);
        }
      }
      return out.append('"').toString();
    }
  }
}
