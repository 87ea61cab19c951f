package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawServer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever does not move for too long lets go of both sides; what moves may take its time. */
class PassThroughTimeOutTest {
  private static final String POST = "POST /v1/x HTTP/1.1\r\nHost: proxy\r\n";
  private static final String GET = "GET /v1/x HTTP/1.1\r\nHost: proxy\r\n\r\n";
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

  private RawServer upstream;

  @BeforeEach
  void start() throws Exception {
    upstream = new RawServer();
  }

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  @Test
  void anAnswerThatDoesNotBeginIs504() throws Exception {
    try (Proxy proxy = Proxy.before(upstream.url(), "firstByteTimeout: 300ms", "");
        RawClient client = proxy.connect()) {
      client.send(GET);
      try (RawServer.Peer peer = upstream.accept()) {
        peer.head();
        refused(client.answer(), 504, "upstream_timeout");
        assertThat(peer.closedByPeer()).isTrue();
      }
    }
  }

  @Test
  void anAnswerThatStopsHalfWayStaysHalf() throws Exception {
    try (Proxy proxy = Proxy.before(upstream.url(), "idleTimeout: 300ms", "");
        RawClient client = proxy.connect()) {
      client.send(GET);
      try (RawServer.Peer peer = upstream.accept()) {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\n" + CHUNKED + "4\r\nhalf\r\n");
        assertThatThrownBy(client.answer()::text).isInstanceOf(IOException.class);
        assertThat(peer.closedByPeer()).isTrue();
      }
    }
  }

  @Test
  void aBodyThatStopsHalfWayIs400() throws Exception {
    try (Proxy proxy = Proxy.before(upstream.url(), "idleTimeout: 300ms", "");
        RawClient client = proxy.connect()) {
      client.send(POST + "Content-Length: 10\r\n\r\nhalf");
      try (RawServer.Peer peer = upstream.accept()) {
        refused(client.answer(), 400, "invalid_request_error", "type");
        assertThat(peer.closedByPeer()).isTrue();
      }
    }
  }

  @Test
  void aBodyThatTheUpstreamDoesNotTakeIs504() throws Exception {
    try (Proxy proxy = Proxy.before(upstream.url(), "idleTimeout: 2s", "");
        RawClient client = proxy.connect()) {
      CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendMuch(client));
      try (RawServer.Peer peer = upstream.accept()) {
        peer.head();

        refused(client.answer(), 504, "upstream_timeout");
      }
      client.abort();
      sending.join();
    }
  }

  /** More than all buffers on the way hold together. */
  private static void sendMuch(RawClient client) {
    byte[] megabyte = new byte[1 << 20];
    try {
      client.send(POST + "Content-Length: " + (256L << 20) + "\r\n\r\n");
      for (int i = 0; i < 256; i++) {
        client.send(megabyte);
      }
    } catch (IOException closed) {
      // for it was refused
    }
  }

  @Test
  void aCallerWhoStandsStillIsHeldForSoLongOnly() throws Exception {
    try (Proxy proxy = Proxy.before(upstream.url(), "idleTimeout: 2s, totalTimeout: 4s", "");
        RawClient client = new RawClient(proxy.port(), 1 << 14)) {
      client.send(GET);
      try (RawServer.Peer peer = upstream.accept()) {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + (256L << 20) + "\r\n\r\n");
        byte[] megabyte = new byte[1 << 20];
        long begin = System.nanoTime();
        assertThatThrownBy(
                () -> {
                  for (int i = 0; i < 256; i++) {
                    peer.send(megabyte);
                  }
                })
            .isInstanceOf(IOException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
            .as("idleTimeout does not run while the caller reads nothing")
            .isGreaterThan(Duration.ofSeconds(3));
      }
    }
  }

  @Test
  void whatMakesProgressMayTakeLongerThanEveryLimit() throws Exception {
    long begin = System.nanoTime();
    try (Proxy proxy =
            Proxy.before(
                upstream.url(), "idleTimeout: 2s, firstByteTimeout: 2s, totalTimeout: 2s", "");
        RawClient client = proxy.connect()) {
      client.send(POST + CHUNKED);
      try (RawServer.Peer peer = upstream.accept()) {
        InputStream body = peer.body(peer.head());
        while (System.nanoTime() - begin < Duration.ofMillis(2500).toNanos()) {
          client.send("1\r\na\r\n");
          assertThat(body.read()).isEqualTo('a');
        }
        client.send("0\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\n" + CHUNKED);
        RawClient.Answer answer = client.answer();
        while (System.nanoTime() - begin < Duration.ofSeconds(5).toNanos()) {
          peer.send("1\r\nb\r\n");
          assertThat(answer.stream().read()).isEqualTo('b');
        }
        peer.send("0\r\n\r\n");
        assertThat(answer.text()).isEmpty();
      }
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
