package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HopByHopTest {
  private final MultiMap headers = HttpHeaders.headers();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection",
        "Proxy-Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "HTTP2-Settings",
        "Content-Length"
      })
  void whatBelongsToOneConnectionStaysOnIt(String name) {
    headers.add(name, "x").add("Kept", "y");
    assertThat(HopByHop.request(headers).names()).containsExactly("Kept");
    assertThat(HopByHop.response(headers).names()).containsExactly("Kept");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Host", "Accept-Encoding", "Expect", "Cache-Control", "X-Refrain-Cache"})
  void whatWasSaidToUsIsNotSaidToTheUpstream(String name) {
    headers.add(name, "x").add("Kept", "y");
    assertThat(HopByHop.request(headers).names()).containsExactly("Kept");
    assertThat(HopByHop.response(headers).contains(name)).isTrue();
  }

  @Test
  void whatConnectionNamesStaysToo() {
    headers
        .add("Connection", "close, X-One")
        .add("connection", " x-TWO ,")
        .add("X-One", "1")
        .add("x-two", "2")
        .add("X-Three", "3");
    assertThat(HopByHop.request(headers).names()).containsExactly("X-Three");
  }

  // RFC 9113 §8.2.3
  @Test
  void cookiesOfHttp2AreOneFieldOfHttp1() {
    headers.add("cookie", "a=1").add("cookie", "b=2; c=3");
    assertThat(HopByHop.request(headers).getAll("Cookie")).containsExactly("a=1; b=2; c=3");
    assertThat(HopByHop.through(headers).getAll("Cookie")).containsExactly("a=1; b=2; c=3");
  }

  @Test
  void everyValueOfAHeaderTravelsInOrder() {
    headers.add("Set-Cookie", "a").add("Set-Cookie", "b").add("Authorization", "Bearer k");
    MultiMap copy = HopByHop.response(headers);
    assertThat(copy.getAll("set-cookie")).containsExactly("a", "b");
    assertThat(copy.get("Authorization")).isEqualTo("Bearer k");
  }

  @Test
  void theOriginalIsLeftAlone() {
    headers.add("Connection", "close").add("A", "b");
    HopByHop.request(headers).set("A", "c");
    assertThat(headers.get("Connection")).isEqualTo("close");
    assertThat(headers.get("A")).isEqualTo("b");
  }
}
