package dev.refrain.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "'', '', true", "'', a, false", "*, '', true", "*, abc, true", "**, '', true",
    "a*, a, true", "a*, ba, false", "*a, a, true", "*a, ab, false", "*a*, bab, true",
    "*a*, bbb, false", "a?c, abc, true", "a?c, ac, false", "a*c, abbc, true", "a*c, abbd, false",
    "***, x, true", "?*, '', false", "*?, a, true", "a**, ab, true", "A, a, false",
  })
  void aStarIsAnythingAndAQuestionMarkIsOne(String pattern, String text, boolean matches) {
    assertThat(new Glob(pattern).matches(text)).isEqualTo(matches);
  }

  @Test
  void everyPatternMatchesWhatARegularExpressionDoes() {
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      String pattern = drawn(random, "ab*?", 6);
      String text = drawn(random, "ab", 7);
      String expression = pattern.replace("*", ".*").replace("?", ".");
      assertThat(new Glob(pattern).matches(text))
          .as("%s of %s", text, pattern)
          .isEqualTo(text.matches(expression));
    }
  }

  private static String drawn(Random random, String letters, int longest) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(longest + 1); i > 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }
}
