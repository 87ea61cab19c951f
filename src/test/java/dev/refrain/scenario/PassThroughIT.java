package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.ForkedProxy;
import dev.refrain.testing.MessageHead;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is far larger than the heap passes, unharmed, and whoever is slow holds the other back. */
class PassThroughIT {
  private static final int MIB = 1 << 20;
  private static final String BEFORE =
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n"
          + "Content-Type: audio/mpeg\r\n\r\n";
  private static final String BEHIND = "\r\n--b--\r\n";

  private RawServer upstream;
  private ForkedProxy proxy;

  @BeforeEach
  void start() throws Exception {
    upstream = new RawServer();
    proxy =
        new ForkedProxy(
            upstream.url(),
            "",
            List.of(
                "-Xmx128m",
                "-XX:MaxDirectMemorySize=64m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError"));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest(name = "{0} MiB, chunked: {1}")
  @CsvSource({"300, false", "64, true"})
  void hundredsOfMegabytesUpAndDownArriveUnharmed(int size, boolean chunked) throws Exception {
    CompletableFuture<String> served = async(() -> answer(size, chunked));
    try (RawClient client = new RawClient(proxy.port())) {
      CompletableFuture<String> sent = async(() -> upload(client, size, chunked));
      String up = sent.get(60, TimeUnit.SECONDS);
      RawClient.Answer answer = client.answer();
      String came = digest(answer.stream(), (long) size * MIB);

      assertThat(answer.head().first("X-Came")).contains(up);
      assertThat(came).isEqualTo(served.get(60, TimeUnit.SECONDS));
      assertThat(answer.stream().read()).isNegative();
    }
    assertThat(proxy.isAlive()).isTrue();
  }

  /** As often as wanted: {@code -Drefrain.transfers=60}. */
  @ParameterizedTest
  @EnumSource(Ending.class)
  void anUpstreamThatClosesBehindMuchHasGivenAllOfItToWhoeverIsSlowOrFast(Ending ending)
      throws Exception {
    for (int i = 0; i < Integer.getInteger("refrain.transfers", 2); i++) {
      int buffer = i % 2 == 0 ? 0 : 1 << 14;
      try (RawClient client = new RawClient(proxy.port(), buffer)) {
        CompletableFuture<String> served = async(() -> ending.serve(upstream));
        client.send("GET /v1/files/f/content HTTP/1.1\r\nHost: proxy\r\n\r\n");

        assertThat(digest(client.answer().stream(), Long.MAX_VALUE))
            .as("transfer %s", i)
            .isEqualTo(served.get(60, TimeUnit.SECONDS));
      }
    }
  }

  // How the upstream shows where its answer ends (RFC 9112 §6.3).
  enum Ending {
    BY_LENGTH("HTTP/1.1 200 OK\r\nContent-Length: " + 64 * MIB + "\r\n\r\n", false),
    BY_CHUNK("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true),
    BY_CLOSING("HTTP/1.0 200 OK\r\n\r\n", false);

    private final String head;
    private final boolean chunked;

    Ending(String head, boolean chunked) {
      this.head = head;
      this.chunked = chunked;
    }

    private String serve(RawServer upstream) throws IOException {
      try (RawServer.Peer peer = upstream.accept()) {
        peer.head();
        peer.send(head);
        MessageDigest digest = sha256();
        sendMuch(peer::send, 64, chunked, digest);
        if (chunked) {
          peer.send("0\r\n\r\n");
        }
        return hex(digest);
      }
    }
  }

  @Test
  void aReaderWhoStandsStillHoldsTheUpstreamBack() throws Exception {
    try (RawClient client = new RawClient(proxy.port(), 1 << 14)) {
      CompletableFuture<String> served = async(() -> answer(160, false));
      upload(client, 1, false);
      RawClient.Answer answer = client.answer();
      long before = proxy.liveHeap();

      assertThat(served).as("all handed over, and taken by nobody").isNotDone();
      assertThat(proxy.liveHeap() - before).isLessThan(16L * MIB);
      assertThat(digest(answer.stream(), 160L * MIB)).isEqualTo(served.get(60, TimeUnit.SECONDS));
    }
  }

  /** Sends a file as a form; what its bytes come to. */
  private static String upload(RawClient client, int size, boolean chunked) throws IOException {
    long length = (long) size * MIB + BEFORE.length() + BEHIND.length();
    client.send(
        "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: proxy\r\n"
            + "Content-Type: multipart/form-data; boundary=b\r\n"
            + framing(chunked, length));
    MessageDigest digest = sha256();
    send(client::send, chunked, BEFORE.getBytes(StandardCharsets.UTF_8), digest);
    sendMuch(client::send, size, chunked, digest);
    send(client::send, chunked, BEHIND.getBytes(StandardCharsets.UTF_8), digest);
    if (chunked) {
      client.send("0\r\n\r\n");
    }
    return hex(digest);
  }

  /** Plays the upstream, and closes right behind its answer; what the bytes of that come to. */
  private String answer(int size, boolean chunked) throws IOException {
    try (RawServer.Peer peer = upstream.accept()) {
      MessageHead head = peer.head();
      String came = digest(peer.body(head), Long.MAX_VALUE);
      peer.send("HTTP/1.1 200 OK\r\nX-Came: " + came + "\r\n");
      peer.send(framing(chunked, (long) size * MIB));
      MessageDigest digest = sha256();
      sendMuch(peer::send, size, chunked, digest);
      if (chunked) {
        peer.send("0\r\n\r\n");
      }
      return hex(digest);
    }
  }

  private static String framing(boolean chunked, long length) {
    return chunked
        ? "Transfer-Encoding: chunked\r\n\r\n"
        : "Content-Length: " + length + "\r\n\r\n";
  }

  private static void sendMuch(Sink sink, int size, boolean chunked, MessageDigest digest)
      throws IOException {
    byte[] block = new byte[MIB];
    Random random = new Random(7);
    for (int i = 0; i < size; i++) {
      random.nextBytes(block);
      send(sink, chunked, block, digest);
    }
  }

  private static void send(Sink sink, boolean chunked, byte[] bytes, MessageDigest digest)
      throws IOException {
    digest.update(bytes);
    if (chunked) {
      sink.send((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
    sink.send(bytes);
    if (chunked) {
      sink.send("\r\n".getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String digest(InputStream stream, long most) throws IOException {
    MessageDigest digest = sha256();
    byte[] block = new byte[1 << 16];
    long left = most;
    while (left > 0) {
      int count = stream.read(block, 0, (int) Math.min(block.length, left));
      if (count < 0) {
        break;
      }
      digest.update(block, 0, count);
      left -= count;
    }
    return hex(digest);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Takes bytes. */
  private interface Sink {
    void send(byte[] bytes) throws IOException;
  }

  /** Comes to something. */
  private interface Task {
    String run() throws IOException;
  }

  private static CompletableFuture<String> async(Task task) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return task.run();
          } catch (IOException broken) {
            throw new UncheckedIOException(broken);
          }
        },
        run -> new Thread(run, "pass-through").start());
  }
}
