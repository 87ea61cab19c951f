package dev.refrain.upstream.passthrough;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class HeaderCopierTest {
  private static final MultiMap HINTS =
      HttpHeaders.headers()
          .add("Link", "</a>")
          .add("Link", "</b>")
          .add("Connection", "close, X-Own")
          .add("X-Own", "1");

  @Test
  void earlyHintsHaveLowerCaseNamesOverHttp2() {
    assertThat(HeaderCopier.earlyHints(HINTS, HttpVersion.HTTP_2).names()).containsExactly("link");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void earlyHintsHaveAllValuesAndNothingOfTheConnection(HttpVersion version) {
    MultiMap hints = HeaderCopier.earlyHints(HINTS, version);
    assertThat(hints.getAll("link")).containsExactly("</a>", "</b>");
    assertThat(hints.names()).hasSize(1);
  }
}
