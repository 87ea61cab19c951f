package dev.refrain.upstream.passthrough;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.upstream.Target;
import dev.refrain.upstream.Target.Transport;
import dev.refrain.upstream.passthrough.PassThrough.Origin;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginsTest {
  private final Origins origins =
      new Origins(
          List.of(
              origin("first"),
              origin("pictures", "/mj/*", "/v1/images/*"),
              origin("music", "/suno/*", "/mj/submit/music"),
              origin("last", "*/files")));

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, first",
    "/mj/submit/imagine, pictures",
    "/mj/submit/music, pictures",
    "/suno/submit/music?a=/mj/x, music",
    "/v1/files, last",
    "/v1/files/, first",
    "/mj, first",
    "/V1/images/x, first",
    "/v1/chat?path=/mj/x, first"
  })
  void theFirstThatListsThePathIsAskedElseTheFirstOfAll(String path, String name) {
    assertThat(origins.of(RequestTarget.of(path)).name()).isEqualTo(name);
  }

  private static Origin origin(String name, String... paths) {
    Duration second = Duration.ofSeconds(1);
    URI url = URI.create("http://" + name);
    return new Origin(
        new Target(
            name, url, List.of(), null, second, second, second, second, 1, 1, Transport.DIRECT),
        List.of(paths));
  }
}
