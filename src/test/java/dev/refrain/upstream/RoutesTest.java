package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.refrain.completion.Failure;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {
  @ParameterizedTest
  @CsvSource({
    "m, m, true",
    "m, mm, false",
    "m, M, false",
    "*, anything, true",
    "*, '', true",
    "'', '', true",
    "'', m, false",
    "gpt-*, gpt-3.5, true",
    "gpt-*, gpt-, true",
    "gpt-*, xgpt-, false",
    "*-instruct, gpt-instruct, true",
    "*-instruct, gpt-instruct-2, false",
    "a*b*c, abc, true",
    "a*b*c, axbxbxc, true",
    "a*b*c, acb, false",
    "*a*, bab, true",
    "**a, bba, true",
    "gpt-?, gpt-4, true",
    "gpt-?, gpt-, false",
    "gpt-?, gpt-44, false",
    "?*, '', false",
    "a.c, abc, false",
    "a.c, a.c, true",
    "'[ab]', a, false",
    "'[ab]', '[ab]', true",
    "\\Qa\\E, \\Qa\\E, true",
    "meta/*, meta/a/b, true",
    "aab*b, aabab, true",
  })
  void starsStandForAnythingAndQuestionMarksForOne(String glob, String model, boolean matches) {
    assertThat(new Glob(glob).matches(model)).isEqualTo(matches);
  }

  @Test
  void manyStarsCostNoMoreThanTheyWeigh() {
    Glob glob = new Glob("*a*a*a*a*a*a*a*a*b");
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertThat(glob.matches("a".repeat(100_000))).isFalse());
  }

  @Test
  void theFirstServerThatNamesTheModelAnswers() {
    Routes routes =
        new Routes(
            List.of(
                target("a", List.of("x-*", "y")),
                target("b", List.of("x-1", "z")),
                target("c", List.of())));
    assertThat(routes.of("x-1").name()).isEqualTo("a");
    assertThat(routes.of("y").name()).isEqualTo("a");
    assertThat(routes.of("z").name()).isEqualTo("b");
    assertThat(routes.of("anything").name()).isEqualTo("c");
    assertThat(routes.place("z")).isEqualTo("http://b:80");
  }

  @Test
  void aModelNobodyServesIsRefused() {
    Routes routes = new Routes(List.of(target("a", List.of("x"))));
    Failure failure = catchThrowableOfType(Failure.class, () -> routes.of("y"));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.NO_SUCH_MODEL);
    assertThat(failure.param()).isEqualTo("model");
  }

  @ParameterizedTest
  @CsvSource({
    "http://h, 80, false",
    "https://h, 443, true",
    "HTTPS://h, 443, true",
    "http://h:8000/x, 8000, false"
  })
  void theSchemeTellsThePortUnlessThereIsOne(String url, int port, boolean tls) {
    Target target = target("n", List.of(), URI.create(url));
    assertThat(target.port()).isEqualTo(port);
    assertThat(target.tls()).isEqualTo(tls);
    assertThat(target.host()).isEqualTo("h");
    assertThat(target.toString()).doesNotContain("secret");
  }

  private static Target target(String name, List<String> models) {
    return target(name, models, URI.create("http://" + name + ":80"));
  }

  static Target target(String name, List<String> models, URI url) {
    Duration second = Duration.ofSeconds(1);
    return new Target(name, url, models, "secret", second, second, second, second, 1, 1);
  }
}
