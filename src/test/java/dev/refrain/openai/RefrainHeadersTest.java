package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.refrain.inference.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefrainHeadersTest {
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
  })
  void oneWithoutMeaningIsRefusedByItsName(String line, String name) {
    Failure failure = catchThrowableOfType(Failure.class, () -> RefrainHeaders.read(List.of(line)));

    assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID);
    assertThat(failure.param()).isEqualTo(name);
    assertThat(failure).hasMessageContaining(name);
  }

  @Test
  void oneThatIsGivenTwiceIsRefused() {
    List<String> twice = List.of("x-refrain-cache: force", "x-refrain-cache: force");
    Failure failure = catchThrowableOfType(Failure.class, () -> RefrainHeaders.read(twice));

    assertThat(failure.param()).isEqualTo("X-Refrain-Cache");
  }
}
