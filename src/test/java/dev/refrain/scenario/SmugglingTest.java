package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A request whose length two parties could read differently is refused, and what it hides is never
 * carried out (RFC 9112 §6.3, §11.2).
 */
class SmugglingTest {
  private static final String HIDDEN = Examples.sampling("smuggled");
  private static final String SMUGGLED =
      "POST /v1/completions HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\n"
          + "Content-Length: "
          + HIDDEN.length()
          + "\r\n\r\n"
          + HIDDEN;
  private static final String BODY = Examples.sampling("seen");
  private static final String CHUNKED =
      Integer.toHexString(BODY.length()) + "\r\n" + BODY + "\r\n0\r\n\r\n";

  private static ScriptedUpstream upstream;
  private static Proxy proxy;

  @BeforeAll
  static void start() {
    upstream = ScriptedUpstream.playing(Examples::answer);
    proxy = Proxy.before(upstream);
  }

  @AfterAll
  static void stop() throws Exception {
    assertThat(upstream.received().stream().filter(SmugglingTest::wasHidden).count())
        .as("hidden requests, but for those that stood in the open")
        .isLessThanOrEqualTo(2);
    proxy.close();
    upstream.close();
  }

  private static final int CLOSED = 0;
  private static final String LENGTH = "Content-Length: " + BODY.length();

  /** Header lines that leave the length of the body in doubt, and the body that comes. */
  static Stream<Arguments> lengths() {
    return Stream.of(
        lines(CHUNKED, "Transfer-Encoding: chunked, xchunked"),
        lines(CHUNKED, "Transfer-Encoding: xchunked"),
        lines(CHUNKED, "Transfer-Encoding: xchunked, chunked"),
        lines(CHUNKED, "Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        lines(CHUNKED, "Transfer-Encoding: identity", "Transfer-Encoding: chunked"),
        lines(CHUNKED, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        lines(CHUNKED, "Transfer-Encoding: chunked, chunked"),
        lines(CHUNKED, "Transfer-Encoding: gzip, chunked"),
        lines(CHUNKED, "Transfer-Encoding: chunked, gzip"),
        lines(CHUNKED, "Transfer-Encoding: identity"),
        lines(CHUNKED, "Transfer-Encoding: \"chunked\""),
        lines(CHUNKED, "Transfer-Encoding: chunked;q=1"),
        lines(CHUNKED, "Transfer-Encoding:\u000bchunked"),
        lines(CHUNKED, "Transfer-Encoding: chunked\u000b"),
        lines(CHUNKED, "Transfer-Encoding : chunked"),
        lines(CHUNKED, "Transfer-Encoding\t: chunked"),
        lines(CHUNKED, "Transfer-Encoding: \u0000chunked"),
        lines(CHUNKED, "Transfer_Encoding: chunked", "Transfer-Encoding: chunked", LENGTH),
        lines(CHUNKED, LENGTH, "Transfer-Encoding: chunked"),
        lines(CHUNKED, "Content-Length: 0", "Transfer-Encoding: chunked"),
        lines(BODY, LENGTH, "Transfer-Encoding: identity"),
        lines(BODY, LENGTH, "Content-Length: 0"),
        lines(BODY, "Content-Length: 0", LENGTH),
        lines(BODY, LENGTH + ", 0"),
        lines(BODY, "Content-Length: +" + BODY.length()),
        lines(BODY, "Content-Length: -" + BODY.length()),
        lines(BODY, "Content-Length: 0x" + Integer.toHexString(BODY.length())),
        lines(BODY, "Content-Length: " + BODY.length() + "a"),
        lines(BODY, "Content-Length: " + BODY.length() + ".0"),
        lines(BODY, "Content-Length: 1 0"),
        lines(BODY, "Content-Length: 99999999999999999999"),
        lines(BODY, "Content-Length:"),
        lines(BODY, "Content-Length : " + BODY.length()),
        lines(BODY, LENGTH, "X: a\rTransfer-Encoding: chunked"),
        lines(BODY, LENGTH, "X: a\u0000b"),
        lines(BODY, LENGTH, "X Y: a"),
        lines(BODY, LENGTH, "no colon"),
        lines(BODY, LENGTH, ": no name"),
        Arguments.of("no name, no body", "GET / HTTP/1.1\r\nHost: proxy\r\n: x\r\n\r\n"));
  }

  private static Arguments lines(String body, String... lines) {
    String head = "POST /v1/completions HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json";
    return Arguments.of(
        String.join(" | ", lines).replaceAll("\\p{Cntrl}", "?"),
        head + "\r\n" + String.join("\r\n", lines) + "\r\n\r\n" + body);
  }

  private static boolean wasHidden(Received request) {
    return request.text().equals(HIDDEN);
  }

  /** Chunks that are none. */
  static Stream<Arguments> chunks() {
    String size = Integer.toHexString(BODY.length());
    String rest = "\r\n" + BODY + "\r\n0\r\n\r\n";
    return Stream.of(
        chunks("no size", rest),
        chunks("a negative size", "-" + size + rest),
        chunks("a prefix", "0x" + size + rest),
        chunks("a size too large", "FFFFFFFFFFFFFFFFF" + size + rest),
        chunks("a size that wraps to a small one", "1000000000000000" + size + rest),
        chunks("a word", "chunk" + rest),
        chunks("a size with a space in it", size.charAt(0) + " " + size.substring(1) + rest),
        chunks("more data than said", "1" + rest),
        chunks("no line end after the data", size + "\r\n" + BODY + "0\r\n\r\n"));
  }

  private static Arguments chunks(String what, String body) {
    return Arguments.of(
        what,
        "POST /v1/completions HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + body);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lengths")
  void whatIsAmbiguousIs400AndNothingIsSmuggled(String what, String request) throws Exception {
    int before = upstream.calls();
    try (RawClient client = proxy.connect()) {
      client.send((request + SMUGGLED).getBytes(StandardCharsets.ISO_8859_1));

      RawClient.Answer answer = client.answer();
      answer.whatCame();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(client.closedByPeer()).as("nothing follows").isTrue();
    }
    assertThat(upstream.calls()).isEqualTo(before);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("chunks")
  void aBodyThatCannotBeReadEndsTheConnection(String what, String request) throws Exception {
    int before = upstream.calls();
    try (RawClient client = proxy.connect()) {
      client.send((request + SMUGGLED).getBytes(StandardCharsets.ISO_8859_1));

      assertThat(statusOrClosed(client)).isIn(400, CLOSED);
      assertThat(client.closedByPeer()).as("nothing follows").isTrue();
    }
    assertThat(upstream.calls()).isEqualTo(before);
  }

  private static int statusOrClosed(RawClient client) throws IOException {
    RawClient.Answer answer;
    try {
      answer = client.answer();
    } catch (SocketTimeoutException undecided) {
      throw undecided;
    } catch (IOException closed) {
      return CLOSED;
    }
    answer.whatCame();
    return answer.status();
  }

  /** What the standard lets a server repair; whether it does, nothing may get past it. */
  static Stream<Arguments> repairable() {
    return Stream.of(
        lines(BODY, LENGTH, LENGTH),
        lines(BODY, LENGTH + ", " + BODY.length()),
        lines(BODY, LENGTH, "X: a\r\n Transfer-Encoding: chunked"),
        lines(BODY, LENGTH, "X: a\r\n\tContent-Length: 0"),
        lines(BODY, "Content-Length: 0" + BODY.length()),
        lines(BODY, " " + LENGTH, LENGTH),
        lines(BODY, LENGTH + "\n"),
        lines(CHUNKED, "Transfer-Encoding: CHUNKED"),
        lines(CHUNKED.replaceFirst("\r\n", ";a=b\r\n"), "Transfer-Encoding: chunked"),
        lines(CHUNKED.replaceFirst("\r\n", "\n"), "Transfer-Encoding: chunked"),
        lines(
            CHUNKED.replaceFirst("0\r\n\r\n$", "0\r\nX: y\r\n\r\n"), "Transfer-Encoding: chunked"),
        lines(CHUNKED.replaceFirst("\r\n", ";a=\nb\r\n"), "Transfer-Encoding: chunked"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("repairable")
  void whatIsRepairedIsReadInOneWayOnly(String what, String request) throws Exception {
    int before = upstream.calls();
    try (RawClient client = proxy.connect()) {
      client.send((request + "GET /v1/completions HTTP/1.1\r\nHost: proxy\r\n\r\n"));

      int status = statusOrClosed(client);
      assertThat(status).isIn(200, 400, 415, CLOSED);
      if (status == 200) {
        assertThat(upstream.calls()).isEqualTo(before + 1);
        assertThat(upstream.last().text()).isEqualTo(BODY);
        assertThat(upstream.last().head().all("Content-Length"))
            .containsExactly(String.valueOf(BODY.length()));
        assertThat(upstream.last().head().has("Transfer-Encoding")).isFalse();
        assertThat(client.answer().status()).as("of the request behind it").isEqualTo(405);
      } else {
        assertThat(upstream.calls()).isEqualTo(before);
      }
    }
  }

  /** Request lines and versions that are none. */
  static Stream<Arguments> requestLines() {
    return Stream.of(
        line("no version", "POST /v1/completions"),
        line("an unheard-of version", "POST /v1/completions HTTP/9.9"),
        line("a version with a tail", "POST /v1/completions HTTP/1.1x"),
        line("a nul in the target", "POST /v1/completions\u0000 HTTP/1.1"));
  }

  private static Arguments line(String what, String line) {
    return Arguments.of(
        what,
        line
            + "\r\nHost: proxy\r\nContent-Type: application/json\r\n"
            + LENGTH
            + "\r\n\r\n"
            + BODY);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requestLines")
  void aRequestLineThatIsNoneIsRefused(String what, String request) throws Exception {
    int before = upstream.calls();
    try (RawClient client = proxy.connect()) {
      client.send(request);

      assertThat(statusOrClosed(client)).isIn(400, 404, 501, 505, CLOSED);
    }
    assertThat(upstream.calls()).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("whole")
  void requestsInARowAreAnsweredInTheirOrder(String requests) throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(requests);

      assertThat(client.answer().text()).isEqualTo(Examples.ANSWER);
      assertThat(client.answer().text()).isEqualTo(Examples.ANSWER);
      assertThat(upstream.received().stream().map(Received::text)).contains(HIDDEN);
    }
  }

  static Stream<String> whole() {
    return Stream.of(SMUGGLED + SMUGGLED);
  }
}
