package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.refrain.inference.CachePolicy;
import dev.refrain.inference.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefrainHeadersTest {
  private static final long HOUR = 3_600_000;

  @Test
  void withoutHeadersNothingIsAskedFor() {
    assertThat(RefrainHeaders.read(List.of()).force()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"force", "FORCE", "'  Force '"})
  void forceIsReadInAnyCase(String value) {
    assertThat(RefrainHeaders.read(List.of("x-refrain-cache: " + value)).force()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "x-refrain-cache: forced, X-Refrain-Cache",
    "'x-refrain-cache: ', X-Refrain-Cache",
    "x-refrain-cache: no, X-Refrain-Cache",
    "x-refrain-colour: red, X-Refrain-Colour",
    "'x-refrain-: x', X-Refrain",
    "x-refrain-ttl: soon, X-Refrain-TTL",
    "x-refrain-ttl: 0, X-Refrain-TTL",
    "x-refrain-ttl: -1, X-Refrain-TTL",
    "x-refrain-ttl: 1.5, X-Refrain-TTL",
    "x-refrain-ttl: 366d, X-Refrain-TTL",
    "x-refrain-ttl: 1w, X-Refrain-TTL",
    "x-refrain-ttl: 99999999999999, X-Refrain-TTL",
    "'x-refrain-ttl: ', X-Refrain-TTL",
    "'x-refrain-namespace: ', X-Refrain-Namespace",
    "x-refrain-namespace: a b, X-Refrain-Namespace",
    "x-refrain-namespace: a/b, X-Refrain-Namespace",
    "x-refrain-namespace: ä, X-Refrain-Namespace",
    "x-refrain-sample: one, X-Refrain-Sample",
    "'x-refrain-sample: ', X-Refrain-Sample",
    "x-refrain-sample: 1234567890, X-Refrain-Sample",
    "x-refrain-run: a b, X-Refrain-Run",
    "'x-refrain-run: ', X-Refrain-Run",
  })
  void oneWithoutMeaningIsRefusedByItsName(String line, String name) {
    Failure failure = catchThrowableOfType(Failure.class, () -> RefrainHeaders.read(List.of(line)));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID);
    assertThat(failure.param()).isEqualTo(name);
    assertThat(failure).hasMessageContaining(name);
  }

  @ParameterizedTest
  @CsvSource({"1500ms, 1500", "60, 60000", "60s, 60000", "5m, 300000", "1h, 3600000"})
  void aLifetimeIsSecondsOrADuration(String value, long millis) {
    RefrainHeaders read = RefrainHeaders.read(List.of("x-refrain-ttl: " + value));

    assertThat(read.over(CachePolicy.DEFAULT, HOUR).ttl()).isEqualTo(millis);
  }

  @ParameterizedTest
  @CsvSource({"2h, 0, 3600000", "1m, 0, 60000", "1m, 30000, 30000", "1m, 90000, 60000"})
  void aRequestCanOnlyShortenALifetime(String asked, long ofRule, long expected) {
    RefrainHeaders read = RefrainHeaders.read(List.of("x-refrain-ttl: " + asked));

    assertThat(read.over(new CachePolicy("r", ofRule, "n"), HOUR))
        .isEqualTo(new CachePolicy("r", expected, "n"));
  }

  @Test
  void aNamespaceOfTheRequestStandsInTheRulesPlace() {
    String name = "team_1.A-" + "x".repeat(55);
    RefrainHeaders read = RefrainHeaders.read(List.of("x-refrain-namespace: " + name));

    assertThat(read.over(new CachePolicy("r", 5, "n"), HOUR))
        .isEqualTo(new CachePolicy("r", 5, name));
  }

  @Test
  void oneThatIsGivenTwiceIsRefused() {
    List<String> twice = List.of("x-refrain-cache: force", "x-refrain-cache: force");
    Failure failure = catchThrowableOfType(Failure.class, () -> RefrainHeaders.read(twice));

    assertThat(failure.param()).isEqualTo("X-Refrain-Cache");
  }
}
