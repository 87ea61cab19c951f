package dev.refrain.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalNumberTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, 0",
    "0.000, 0",
    "-0e9, 0",
    "7, 7",
    "-7, -7",
    "100, 1e2",
    "1E2, 1e2",
    "0.5, 5e-1",
    "-12.340e+1, -1234e-1",
    "1e-0, 1",
    "1e00000000000000000000001, 1e00000000000000000000001",
    "9007199254740993, 9007199254740993",
  })
  void everyValueHasOneSpelling(String literal, String expected) {
    assertThat(CanonicalNumber.of(literal)).isEqualTo(expected);
  }

  @RepeatedTest(300)
  void theSpellingMeansTheSameValueAndNeverChangesAgain(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    BigDecimal value =
        new BigDecimal(new BigInteger(random.nextInt(100), random), random.nextInt(60) - 30);
    String literal = random.nextBoolean() ? value.toString() : value.negate().toPlainString();

    String spelled = CanonicalNumber.of(literal);

    assertThat(new BigDecimal(spelled)).isEqualByComparingTo(literal);
    assertThat(CanonicalNumber.of(spelled)).isEqualTo(spelled);
  }
}
