package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Glob;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {
  private final Servers servers = new Servers();

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
  void everyServerThatNamesTheModelMayAnswer() {
    Routes routes =
        new Routes(
            List.of(
                servers.upstream("a", List.of("x-*", "y"), Map.of()),
                servers.upstream("b", List.of("x-1", "z"), Map.of()),
                servers.upstream("c", List.of(), Map.of())));
    assertThat(names(routes.of("x-1"))).containsExactly("a", "b", "c");
    assertThat(names(routes.of("y"))).containsExactly("a", "c");
    assertThat(names(routes.of("z"))).containsExactly("b", "c");
    assertThat(names(routes.of("anything"))).containsExactly("c");
  }

  @Test
  void theLowestPriorityComesFirstAndEqualOnesShare() {
    Routes routes =
        new Routes(
            List.of(
                servers.upstream("last", 1, 7),
                servers.upstream("a", 1, 0),
                servers.upstream("b", 1, 0),
                servers.upstream("second", 1, 3)));
    Route route = routes.of("m");
    assertThat(route.tiers().stream().map(tier -> tier.members().stream().map(Upstream::name)))
        .extracting(Stream::toList)
        .containsExactly(List.of("a", "b"), List.of("second"), List.of("last"));
    assertThat(route.first().name()).isEqualTo("last");
  }

  @Test
  void anAliasMakesAServerServeAModelByItsOwnName() {
    Upstream server = servers.upstream("a", List.of("llama"), Map.of("gpt-4o", "llama"));
    assertThat(server.serves("gpt-4o")).isTrue();
    assertThat(server.named("gpt-4o")).isEqualTo("llama");
    assertThat(server.named("llama")).isEqualTo("llama");
    assertThat(server.serves("gpt-4")).isFalse();
  }

  @Test
  void thePlaceIsTheFirstServerOfTheModelAndItsNameForIt() {
    Routes routes =
        new Routes(
            List.of(
                servers.upstream("a", List.of("llama"), Map.of("gpt-4o", "llama")),
                servers.upstream("b", List.of("gpt-4o", "z"), Map.of())));
    assertThat(routes.place("llama")).isEqualTo("http://a:80");
    assertThat(routes.place("gpt-4o")).isEqualTo("http://a:80 llama");
    assertThat(routes.place("z")).isEqualTo("http://b:80");
  }

  @Test
  void thePlaceStaysWhoeverIsWell() {
    Upstream first = servers.upstream("a");
    Routes routes = new Routes(List.of(first, servers.upstream("b")));
    first.health().failed(true);
    first.health().failed(true);
    assertThat(first.state()).isEqualTo("open");
    assertThat(routes.place("m")).isEqualTo("http://a:80");
  }

  @Test
  void aModelNobodyServesIsRefused() {
    Routes routes = new Routes(List.of(servers.upstream("a", List.of("x"), Map.of())));
    for (Executable asking : List.<Executable>of(() -> routes.of("y"), () -> routes.place("y"))) {
      Failure failure = Assertions.assertThrows(Failure.class, asking);
      assertThat(failure.kind()).isEqualTo(Failure.Kind.NO_SUCH_MODEL);
      assertThat(failure.param()).isEqualTo("model");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://h, 80, false",
    "https://h, 443, true",
    "HTTPS://h, 443, true",
    "http://h:8000/x, 8000, false"
  })
  void theSchemeTellsThePortUnlessThereIsOne(String url, int port, boolean tls) {
    Target target = Servers.target("n", List.of(), URI.create(url));
    assertThat(target.port()).isEqualTo(port);
    assertThat(target.tls()).isEqualTo(tls);
    assertThat(target.host()).isEqualTo("h");
    assertThat(target.toString()).doesNotContain("secret");
  }

  private static List<String> names(Route route) {
    return route.tiers().stream()
        .flatMap(tier -> tier.members().stream().map(Upstream::name))
        .toList();
  }
}
