package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Json;
import dev.refrain.testing.MessageHead;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What passes flows as it comes, and whoever leaves, or does not move, lets go of the other side.
 */
class PassThroughFlowTest {
  private static final String POST = "POST /v1/x HTTP/1.1\r\nHost: proxy\r\n";
  private static final String GET = "GET /v1/x HTTP/1.1\r\nHost: proxy\r\n\r\n";
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

  private RawServer upstream;
  private Proxy proxy;

  @BeforeEach
  void start() throws Exception {
    upstream = new RawServer();
    proxy = Proxy.before(upstream.url(), "", "");
  }

  @AfterEach
  void stop() throws Exception {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(proxy.manage("/metrics").body())
                    .contains("\nrefrain_passthrough_requests_in_flight 0.0"));
    proxy.close();
    upstream.close();
  }

  @Test
  void everyEventOfAStreamArrivesBeforeTheNextIsSent() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send("POST /v1/responses HTTP/1.1\r\nHost: proxy\r\nContent-Length: 2\r\n\r\n{}");
      try (RawServer.Peer peer = upstream.accept()) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + CHUNKED);
        RawClient.Answer answer = client.answer();
        assertThat(answer.head().all("Content-Type")).containsExactly("text/event-stream");
        for (int i = 0; i < 20; i++) {
          String event = "data: {\"choices\":[" + i + "]}\n\n";
          peer.send(Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
          assertThat(answer.until("\n\n")).isEqualTo(event);
        }
        peer.send("0\r\n\r\n");
        assertThat(answer.text()).isEmpty();
      }
    }
  }

  @Test
  void everyPieceOfABodyArrivesBeforeTheNextIsSent() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(POST + CHUNKED);
      try (RawServer.Peer peer = upstream.accept()) {
        InputStream body = peer.body(peer.head());
        for (int i = 0; i < 20; i++) {
          client.send("4\r\nn=%02d\r\n".formatted(i));
          assertThat(body.readNBytes(4)).asString(StandardCharsets.UTF_8).endsWith("" + i % 10);
        }
        client.send("0\r\n\r\n");
        assertThat(body.read()).isNegative();
        peer.answer("all");
      }
      assertThat(client.answer().text()).isEqualTo("all");
    }
  }

  @Test
  void bothWaysMayFlowAtOnce() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(POST + CHUNKED);
      try (RawServer.Peer peer = upstream.accept()) {
        InputStream body = peer.body(peer.head());
        peer.send("HTTP/1.1 200 OK\r\n" + CHUNKED);
        RawClient.Answer answer = client.answer();
        for (int i = 0; i < 5; i++) {
          client.send("1\r\na\r\n");
          assertThat(body.read()).isEqualTo('a');
          peer.send("1\r\nb\r\n");
          assertThat(answer.stream().read()).isEqualTo('b');
        }
        client.send("0\r\n\r\n");
        assertThat(body.read()).isNegative();
        peer.send("0\r\n\r\n");
        assertThat(answer.text()).isEmpty();
      }
    }
  }

  @Test
  void whoExpectsToBeToldIsToldByTheUpstream() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(POST + "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        MessageHead head = peer.head();
        assertThat(head.first("Expect")).contains("100-continue");
        peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
        MessageHead hints = client.head();
        assertThat(hints.status()).isEqualTo(103);
        assertThat(hints.first("Link")).contains("</a>");
        assertThat(client.head().status()).isEqualTo(100);
        client.send("body");
        assertThat(peer.body(head).readAllBytes()).asString().isEqualTo("body");
        peer.answer("thanks");
      }
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("thanks");
    }
  }

  @Test
  void whoExpectsNothingIsToldNothing() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(POST + "Content-Length: 4\r\n\r\nbody");
      try (RawServer.Peer peer = upstream.accept()) {
        peer.request();
        peer.send("HTTP/1.1 100 Continue\r\n\r\n").answer("x");
      }
      assertThat(client.head().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 9000000\r\n", "Transfer-Encoding: chunked\r\n"})
  void anAnswerBeforeTheBodyIsThereReachesTheCaller(String framing) throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(POST + framing + "Expect: 100-continue\r\n\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        peer.head();
        peer.send("HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno");
        RawClient.Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.head().first("Connection")).contains("close");
        assertThat(answer.text()).isEqualTo("no");
        assertThat(client.closedByPeer()).isTrue();
        assertThat(peer.closedByPeer()).as("a connection in the middle of a body").isTrue();
      }
    }
  }

  @Test
  void whoGoesOnSendingBehindAnEarlyAnswerStillReadsIt() throws Exception {
    byte[] megabyte = new byte[1 << 20];
    try (RawClient client = proxy.connect()) {
      client.send(POST + "Content-Length: " + megabyte.length + "\r\n\r\n");
      client.send(new byte[1000]);
      try (RawServer.Peer peer = upstream.accept()) {
        peer.head();
        peer.send("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno");
        assertThat(peer.closedByPeer()).isTrue();
      }
      client.send(Arrays.copyOf(megabyte, megabyte.length - 1000));
      assertThat(client.answer().text()).isEqualTo("no");
      assertThat(client.closedByPeer()).isTrue();
    }
  }

  @Test
  void aConnectionWithHalfABodyOnItIsNotUsedAgain() throws Exception {
    try (RawClient client = proxy.connect();
        RawClient other = proxy.connect()) {
      client.send(POST + "Content-Length: 100\r\n\r\nhalf");
      try (RawServer.Peer peer = upstream.accept()) {
        MessageHead head = peer.head();
        assertThat(peer.body(head).readNBytes(4)).asString().isEqualTo("half");
        peer.answer("early");
        assertThat(client.answer().text()).isEqualTo("early");
        other.send(GET);
        try (RawServer.Peer second = upstream.accept()) {
          second.head();
          second.answer("clean");
          assertThat(other.answer().text()).isEqualTo("clean");
        }
      }
    }
  }

  // What the caller is in the middle of when it leaves.
  enum Phase {
    SENDING,
    WAITING,
    READING
  }

  private RawServer.Peer inPhase(Phase phase, RawClient client) throws IOException {
    client.send(POST + "Content-Length: 4\r\n\r\n" + (phase == Phase.SENDING ? "ha" : "body"));
    RawServer.Peer peer = upstream.accept();
    InputStream body = peer.body(peer.head());
    body.readNBytes(phase == Phase.SENDING ? 2 : 4);
    if (phase == Phase.READING) {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nha");
      client.answer().stream().readNBytes(2);
    }
    return peer;
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void whoClosesEndsTheCallAtOnce(Phase phase) throws Exception {
    RawClient client = proxy.connect();
    try (RawServer.Peer peer = inPhase(phase, client)) {
      client.close();

      assertThat(peer.closedByPeer()).as("long before any time-out").isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void whoIsKilledEndsTheCallAtOnce(Phase phase) throws Exception {
    RawClient client = proxy.connect();
    try (RawServer.Peer peer = inPhase(phase, client)) {
      client.abort();

      assertThat(peer.closedByPeer()).as("long before any time-out").isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anUpstreamThatLeavesInItsAnswerLeavesHalfAnAnswer(boolean orderly) throws Exception {
    for (String framing : new String[] {"Content-Length: 100\r\n\r\nhalf", CHUNKED + "4\r\nhalf"}) {
      try (RawClient client = proxy.connect()) {
        client.send(GET);
        RawServer.Peer peer = upstream.accept();
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\n" + framing);
        RawClient.Answer answer = client.answer();
        assertThat(answer.stream().readNBytes(4)).asString().isEqualTo("half");
        leave(peer, orderly);

        assertThatThrownBy(answer::text).isInstanceOf(IOException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void anUpstreamThatClosesBehindItsAnswerHasGivenAllOfItToAReaderWhoComesLate(Framing framing)
      throws Exception {
    for (byte[] body : bodies()) {
      try (RawClient client = new RawClient(proxy.port(), 1 << 14)) {
        answerAndClose(client, framing, body, 0);

        assertThat(client.answer().stream().readAllBytes()).isEqualTo(body);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "UNTIL_CLOSE", mode = EnumSource.Mode.EXCLUDE)
  void anUpstreamThatClosesWithinItsAnswerHasNotGivenAllOfItToAReaderWhoComesLate(Framing framing)
      throws Exception {
    for (byte[] body : bodies()) {
      try (RawClient client = new RawClient(proxy.port(), 1 << 14)) {
        answerAndClose(client, framing, body, 1);

        assertThatThrownBy(client.answer().stream()::readAllBytes).isInstanceOf(IOException.class);
      }
    }
  }

  // Of about as much as the sockets of both sides hold, so that all is sent and little is taken.
  private static List<byte[]> bodies() {
    Random random = new Random(7);
    return IntStream.rangeClosed(10, 16)
        .mapToObj(
            i -> {
              byte[] body = new byte[i << 19];
              random.nextBytes(body);
              return body;
            })
        .toList();
  }

  private void answerAndClose(RawClient client, Framing framing, byte[] body, int missing)
      throws IOException, InterruptedException {
    client.send(GET);
    RawServer.Peer peer = upstream.accept();
    peer.head();
    Thread sender =
        new Thread(
            () -> {
              try (peer) {
                framing.send(peer, body, missing);
              } catch (IOException left) {
                throw new UncheckedIOException(left);
              }
            });
    sender.start();
    long sent;
    do {
      sent = peer.sent();
      sender.join(100);
    } while (sender.isAlive() && peer.sent() > sent); // longer only if it is more than fits
  }

  // How it shows where an answer ends (RFC 9112 §6.3).
  enum Framing {
    LENGTH {
      @Override
      void send(RawServer.Peer peer, byte[] body, int missing) throws IOException {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n");
        peer.send(Arrays.copyOf(body, body.length - missing));
      }
    },
    CHUNKED {
      @Override
      void send(RawServer.Peer peer, byte[] body, int missing) throws IOException {
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        peer.send(Integer.toHexString(body.length) + "\r\n").send(body);
        peer.send(missing == 0 ? "\r\n0\r\n\r\n" : "\r\n");
      }
    },
    UNTIL_CLOSE {
      @Override
      void send(RawServer.Peer peer, byte[] body, int missing) throws IOException {
        peer.send("HTTP/1.0 200 OK\r\n\r\n").send(body);
      }
    };

    abstract void send(RawServer.Peer peer, byte[] body, int missing) throws IOException;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anUpstreamThatLeavesBeforeItsAnswerIs502(boolean orderly) throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(POST + CHUNKED + "4\r\nhalf\r\n");
      RawServer.Peer peer = upstream.accept();
      peer.body(peer.head()).readNBytes(4);
      leave(peer, orderly);

      refused(client.answer(), 502, "upstream_broken");
    }
  }

  private static void leave(RawServer.Peer peer, boolean orderly) throws IOException {
    if (orderly) {
      peer.close();
    } else {
      peer.abort();
    }
  }

  @Test
  void aBodyThatCannotBeReadEndsTheCall() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(POST + CHUNKED + "4\r\nhalf\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        peer.head();
        client.send("-1\r\n\r\n");
        assertThat(peer.closedByPeer()).isTrue();
      }
      assertThat(client.closedByPeer() || client.closedByPeer()).isTrue();
    }
  }

  private static void refused(RawClient.Answer answer, int status, String code) throws Exception {
    refused(answer, status, code, "code");
  }

  private static void refused(RawClient.Answer answer, int status, String word, String member)
      throws Exception {
    String body = answer.whatCame();
    assertThat(answer.status()).as(body).isEqualTo(status);
    assertThat(Json.read(body).at("/error/" + member).asText()).isEqualTo(word);
  }
}
