package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.MessageHead;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawServer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A WebSocket passes as it is: frames, extensions and close codes are between its two ends. */
class WebSocketTest {
  private static final String HANDSHAKE =
      "GET /v1/realtime?model=m HTTP/1.1\r\nHost: proxy\r\nConnection: keep-alive, Upgrade\r\n"
          + "Upgrade: websocket\r\nContent-Length: 0\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: a2V5\r\n"
          + "Sec-WebSocket-Protocol: realtime\r\n"
          + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
          + "Authorization: Bearer k\r\n\r\n";
  private static final String AGREED =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: YWNjZXB0\r\nSec-WebSocket-Protocol: realtime\r\n"
          + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
  private static final int MANY = 16;
  private static final byte[] MEGABYTE = new byte[1 << 20];

  private RawServer upstream;
  private Proxy proxy;

  @BeforeEach
  void start() throws Exception {
    upstream = new RawServer();
    proxy = Proxy.before(upstream.url(), "", "");
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void theHandshakeIsMadeBetweenTheEnds() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(HANDSHAKE);
      try (RawServer.Peer peer = upstream.accept()) {
        MessageHead head = peer.head();
        assertThat(head.start()).isEqualTo("GET /v1/realtime?model=m HTTP/1.1");
        assertThat(head.all("Connection")).containsExactly("Upgrade");
        assertThat(head.all("Upgrade")).containsExactly("websocket");
        assertThat(head.first("Sec-WebSocket-Key")).contains("a2V5");
        assertThat(head.first("Sec-WebSocket-Extensions"))
            .contains("permessage-deflate; client_max_window_bits");
        assertThat(head.first("Authorization")).contains("Bearer k");
        peer.send(AGREED + "at once");
        MessageHead agreed = client.head();
        assertThat(agreed.start()).isEqualTo("HTTP/1.1 101 Switching Protocols");
        assertThat(agreed.all("Connection")).containsExactly("Upgrade");
        assertThat(agreed.all("Upgrade")).containsExactly("websocket");
        assertThat(agreed.all("Sec-WebSocket-Accept")).containsExactly("YWNjZXB0");
        assertThat(agreed.all("Sec-WebSocket-Extensions")).containsExactly("permessage-deflate");
        assertThat(agreed.has("Content-Length") || agreed.has("Transfer-Encoding")).isFalse();
        assertThat(client.stream().readNBytes(7)).asString().isEqualTo("at once");
        client.send("GET / HTTP/1.1\r\n\r\n");
        assertThat(peer.stream().readNBytes(18)).asString().isEqualTo("GET / HTTP/1.1\r\n\r\n");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoLeavesTakesTheOtherEndAlongOnceAllIsSaid(boolean orderly) throws Exception {
    RawClient client = proxy.connect();
    try (RawServer.Peer peer = open(client)) {
      client.send("bye");
      assertThat(peer.stream().readNBytes(3)).asString().isEqualTo("bye");
      if (orderly) {
        client.close();
      } else {
        client.abort();
      }
      assertThat(peer.closedByPeer()).isTrue();
    }
    try (RawClient another = proxy.connect()) {
      RawServer.Peer peer = open(another);
      peer.send("bye");
      peer.close();
      assertThat(another.stream().readAllBytes()).asString().isEqualTo("bye");
    }
  }

  private RawServer.Peer open(RawClient client) throws IOException {
    client.send(HANDSHAKE);
    RawServer.Peer peer = upstream.accept();
    peer.head();
    peer.send(AGREED);
    assertThat(client.head().status()).isEqualTo(101);
    return peer;
  }

  @Test
  void aSlowEndHoldsTheOtherBackAndGetsEverything() throws Exception {
    try (RawClient client = proxy.connect();
        RawServer.Peer peer = open(client)) {
      CompletableFuture<Void> down = sending(peer::send);
      CompletableFuture<Void> up = sending(client::send);

      arrives(client.stream());
      arrives(peer.stream());

      down.get(20, TimeUnit.SECONDS);
      up.get(20, TimeUnit.SECONDS);
    }
  }

  /** Sends bytes. */
  private interface End {
    void send(byte[] bytes) throws IOException;
  }

  private static CompletableFuture<Void> sending(End end) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            for (int i = 0; i < MANY; i++) {
              end.send(MEGABYTE);
            }
          } catch (IOException broken) {
            throw new java.io.UncheckedIOException(broken);
          }
        },
        task -> new Thread(task).start());
  }

  private static void arrives(InputStream stream) throws IOException {
    stream.skipNBytes((long) MANY * MEGABYTE.length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"403 Forbidden", "426 Upgrade Required", "200 OK"})
  void anUpstreamThatDoesNotAgreeGivesAnOrdinaryAnswer(String status) throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(HANDSHAKE);
      try (RawServer.Peer peer = upstream.accept()) {
        peer.head();
        peer.send("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\nno");
        RawClient.Answer answer = client.answer();
        assertThat(answer.head().start()).isEqualTo("HTTP/1.1 " + status);
        assertThat(answer.text()).isEqualTo("no");
        assertThat(peer.closedByPeer()).isTrue();
      }
      client.send("GET /v1/completions HTTP/1.1\r\nHost: proxy\r\n\r\n");
      assertThat(client.answer().status()).as("still HTTP, still ours").isEqualTo(405);
    }
  }

  @Test
  void noOtherProtocolGetsATunnel() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(HANDSHAKE.replace("Upgrade: websocket", "Upgrade: h3c"));
      try (RawServer.Peer peer = upstream.accept()) {
        assertThat(peer.head().has("Upgrade")).isFalse();
        peer.send(AGREED);
        assertThat(client.answer().status()).isEqualTo(502);
      }
    }
  }

  @Test
  void aTunnelInWhichNothingMovesIsClosed() throws Exception {
    try (Proxy patient = Proxy.before(upstream.url(), "idleTimeout: 1ms, totalTimeout: 500ms", "");
        RawClient client = patient.connect()) {
      try (RawServer.Peer peer = open(client)) {
        assertThat(peer.closedByPeer()).isTrue();
      }
      assertThat(client.stream().read()).isNegative();
    }
  }

  @Test
  void messagesAndCloseCodesArriveAtRealEnds() throws Exception {
    Vertx vertx = Vertx.vertx();
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    HttpServer server =
        vertx
            .createHttpServer()
            .webSocketHandler(socket -> echo(socket, heard))
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS);
    try (Proxy before = Proxy.before("http://127.0.0.1:" + server.actualPort(), "", "")) {
      URI uri = URI.create("ws://127.0.0.1:" + before.port() + "/v1/realtime");
      WebSocket leaves = join(uri, heard);
      leaves.sendText("hello", true).get(10, TimeUnit.SECONDS);
      assertThat(next(heard)).isEqualTo("text hello");
      leaves.sendBinary(ByteBuffer.wrap(MEGABYTE, 0, 60_000), true).get(10, TimeUnit.SECONDS);
      assertThat(next(heard)).isEqualTo("bytes 60000");
      leaves.sendClose(4001, "enough").get(10, TimeUnit.SECONDS);
      assertThat(List.of(next(heard), next(heard)))
          .containsExactlyInAnyOrder("server heard 4001 enough", "client heard 4001 enough");

      WebSocket isLeft = join(uri, heard);
      isLeft.sendText("go", true).get(10, TimeUnit.SECONDS);
      assertThat(List.of(next(heard), next(heard))).contains("client heard 4002 gone");
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  private static String next(BlockingQueue<String> heard) throws InterruptedException {
    return String.valueOf(heard.poll(10, TimeUnit.SECONDS));
  }

  private static void echo(ServerWebSocket socket, BlockingQueue<String> heard) {
    socket.textMessageHandler(
        text -> {
          if (text.equals("go")) {
            socket.close((short) 4002, "gone");
          } else {
            socket.writeTextMessage(text);
          }
        });
    socket.binaryMessageHandler(socket::writeBinaryMessage);
    socket.closeHandler(
        v -> heard.add("server heard " + socket.closeStatusCode() + " " + socket.closeReason()));
  }

  private static WebSocket join(URI uri, BlockingQueue<String> heard) throws Exception {
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(uri, new Listener(heard))
        .get(10, TimeUnit.SECONDS);
  }

  private static final class Listener implements WebSocket.Listener {
    private final BlockingQueue<String> heard;
    private int bytes;

    Listener(BlockingQueue<String> heard) {
      this.heard = heard;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      heard.add("text " + data);
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      bytes += data.remaining();
      if (last) {
        heard.add("bytes " + bytes);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      heard.add("client heard " + code + " " + reason);
      return null;
    }
  }
}
