package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Authority;
import dev.refrain.testing.Authority.Identity;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.TlsUpstream;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An https upstream is believed if it proves itself, and a failure says what is wrong with it. */
class UpstreamTlsTest {
  @TempDir private static Path folder;
  private static Authority authority;
  private static Authority stranger;
  private static Identity good;

  @BeforeAll
  static void sign() {
    authority = new Authority(folder);
    stranger = new Authority(folder);
    good = authority.identity("localhost");
  }

  @Test
  void anUpstreamOfOurOwnAuthorityIsAsked() {
    try (TlsUpstream upstream = TlsUpstream.of(good);
        Proxy proxy = before(upstream, "ca: '" + authority.ca() + "'")) {
      HttpResponse<String> answer = proxy.post(Examples.asking("trusted"));
      assertThat(answer.body()).isEqualTo(Examples.ANSWER);
      assertThat(upstream.hosts()).containsExactly("localhost:" + upstream.port());
    }
  }

  @Test
  void aConnectionServesOneCallAfterAnother() {
    try (TlsUpstream upstream = TlsUpstream.keeping(good);
        Proxy proxy = before(upstream, "ca: '" + authority.ca() + "'")) {
      for (int i = 0; i < 10; i++) {
        assertThat(proxy.post(Examples.asking("again " + i)).statusCode()).isEqualTo(200);
      }
      assertThat(upstream.calls()).isEqualTo(10);
      assertThat(upstream.connections()).as("one for each event loop at most").isLessThan(3);
    }
  }

  static Stream<Arguments> untrusted() {
    String ca = "ca: '" + authority.ca() + "'";
    return Stream.of(
        Arguments.of(authority.identity("other.test"), ca, "is for another host name"),
        Arguments.of(authority.expired("localhost"), ca, "has expired"),
        Arguments.of(
            stranger.identity("localhost"), ca, "is not signed by an authority trusted here"),
        Arguments.of(good, "", "is not signed by an authority trusted here"),
        Arguments.of(good, ca + ", serverName: other.test", "is for another host name"));
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("untrusted")
  void whoDoesNotProveItselfIsNotAsked(Identity identity, String tls, String complaint) {
    try (TlsUpstream upstream = TlsUpstream.of(identity);
        Proxy proxy = before(upstream, tls)) {
      refused(proxy, "the certificate of the upstream " + complaint);
      assertThat(upstream.calls()).isZero();
    }
  }

  @Test
  void theNameAskedForNeedNotBeTheHostAndIsNoneInHttp() {
    Identity named = authority.identity("model.test");
    String tls = "ca: '" + authority.ca() + "', serverName: model.test";
    try (TlsUpstream upstream = TlsUpstream.of(named);
        Proxy proxy = before(upstream, tls)) {
      assertThat(proxy.post(Examples.asking("named")).statusCode()).isEqualTo(200);
      assertThat(upstream.hosts()).containsExactly("localhost:" + upstream.port());
    }
  }

  @Test
  void whatIsNotToBeCheckedIsNotChecked() {
    Identity other = authority.identity("other.test");
    try (TlsUpstream upstream = TlsUpstream.of(other);
        Proxy chain = before(upstream, "verify: chain, ca: '" + authority.ca() + "'");
        Proxy stillChain = before(upstream, "verify: chain, ca: '" + stranger.ca() + "'");
        Proxy none = before(upstream, "verify: none")) {
      assertThat(chain.post(Examples.asking("chain")).statusCode()).isEqualTo(200);
      assertThat(none.post(Examples.asking("none")).statusCode()).isEqualTo(200);
      refused(
          stillChain, "the certificate of the upstream is not signed by an authority trusted here");
    }
  }

  @Test
  void anUpstreamThatAsksForOurCertificateGetsIt() {
    Identity ours = authority.identity("proxy.test");
    String tls =
        "ca: '%s', cert: '%s', key: '%s'".formatted(authority.ca(), ours.cert(), ours.key());
    try (TlsUpstream upstream = TlsUpstream.asking(good, authority.ca());
        Proxy proxy = before(upstream, tls)) {
      assertThat(proxy.post(Examples.asking("mutual")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void withoutACertificateOfOursTheUpstreamRefusesAndIsNamedAsTheCause() {
    Identity strange = stranger.identity("proxy.test");
    String ca = "ca: '" + authority.ca() + "'";
    String wrong = ca + ", cert: '%s', key: '%s'".formatted(strange.cert(), strange.key());
    try (TlsUpstream upstream = TlsUpstream.asking(good, authority.ca());
        Proxy nobody = before(upstream, ca);
        Proxy stranger = before(upstream, wrong)) {
      refused(nobody, "the upstream requires a client certificate that it accepts");
      refused(stranger, "the upstream requires a client certificate that it accepts");
      assertThat(upstream.calls()).isZero();
    }
  }

  @Test
  void aNewAuthorityIsTakenUpWithoutARestart() {
    Authority next = new Authority(folder);
    Authority first = new Authority(folder);
    Path file = first.ca();
    try (TlsUpstream upstream = TlsUpstream.of(first.identity("localhost"));
        Proxy proxy = before(upstream, "ca: '" + file + "'")) {
      assertThat(proxy.post(Examples.sampling("before")).statusCode()).isEqualTo(200);
      upstream.become(next.identity("localhost"));
      refused(proxy, "the certificate of the upstream is not signed by an authority trusted here");

      Authority.swap(next.ca(), file);

      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> proxy.post(Examples.sampling("after")).statusCode() == 200);
    }
  }

  @Test
  void anUpstreamThatSpeaksNoTlsIsNamedAsSuch() {
    listening(
        socket -> socket.handler(hello -> socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")),
        proxy -> refused(proxy, "the upstream does not support TLS on this port"));
  }

  @Test
  void anUpstreamThatHangsUpOnUsIsNamedAsTheCause() {
    listening(
        socket -> socket.handler(hello -> socket.close()),
        proxy -> assertThat(proxy.post(Examples.asking("gone")).statusCode()).isEqualTo(502));
  }

  @Test
  void anUpstreamThatNeverAnswersTheHandshakeIsNotWaitedForWithoutEnd() {
    listening(
        socket -> {},
        proxy -> assertThat(proxy.post(Examples.asking("mute")).statusCode()).isEqualTo(504));
  }

  private static void listening(Handler<NetSocket> handler, Consumer<Proxy> then) {
    Vertx vertx = Vertx.vertx();
    NetServer server =
        vertx.createNetServer().connectHandler(handler).listen(0, "127.0.0.1").await();
    try (Proxy proxy =
        Proxy.before(
            "https://localhost:" + server.actualPort(),
            "connectTimeout: 2s",
            "",
            "eventLoops: 1")) {
      then.accept(proxy);
    } finally {
      vertx.close().await();
    }
  }

  private static void refused(Proxy proxy, String message) {
    HttpResponse<String> answer = proxy.post(Examples.sampling("refused"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(502);
    assertThat(Json.read(answer.body()).path("error").path("message").asText()).isEqualTo(message);
  }

  private static Proxy before(TlsUpstream upstream, String tls) {
    return Proxy.before(
        "https://localhost:" + upstream.port(),
        "connectTimeout: 20s, tls: {" + tls + "}",
        "",
        "eventLoops: 1, tls: {reload: 50ms}");
  }
}
