package dev.refrain.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Played over a state that counts how often it was asked. */
class LiveSubscribersTest {
  private static final Duration PERIOD = Duration.ofMillis(20);

  private final AtomicInteger made = new AtomicInteger();
  private final AtomicBoolean onEventLoop = new AtomicBoolean();
  private final AtomicReference<String> padding = new AtomicReference<>("");
  private final AtomicReference<HttpServerResponse> last = new AtomicReference<>();
  private final Vertx vertx = Vertx.vertx();
  private final LiveSubscribers liveSubscribers = new LiveSubscribers(vertx, PERIOD, this::state);
  private HttpServer server;

  @BeforeEach
  void listen() {
    server = listen(new HttpServerOptions());
  }

  private HttpServer listen(HttpServerOptions options) {
    return vertx
        .createHttpServer(options)
        .requestHandler(
            request -> {
              last.set(request.response());
              liveSubscribers.add(request.response());
            })
        .listen(0, "127.0.0.1")
        .await();
  }

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  private Buffer state() {
    onEventLoop.compareAndSet(false, Context.isOnEventLoopThread());
    return Buffer.buffer(
        "{\"made\":" + made.incrementAndGet() + ",\"padding\":\"" + padding.get() + "\"}");
  }

  @Test
  void nothingIsMadeForNobody() throws IOException {
    assertThat(made).hasValue(0);
    try (Watcher watcher = watch()) {
      watcher.next();
    }
    await().until(() -> liveSubscribers.count() == 0);
    int then = made.get();

    // One more may have been begun when the last one left.
    await()
        .during(PERIOD.multipliedBy(20))
        .atMost(PERIOD.multipliedBy(500))
        .until(() -> made.get() <= then + 1);
  }

  @Test
  void anEventIsMadeOffTheEventLoopAndOnceForAll() throws IOException {
    try (Watcher one = watch();
        Watcher other = watch()) {
      int shared = other.next().getInteger("made");
      List<Integer> seen = new ArrayList<>();
      while (seen.isEmpty() || seen.get(seen.size() - 1) < shared) {
        seen.add(one.next().getInteger("made"));
      }
      assertThat(seen).contains(shared);
    }
    assertThat(onEventLoop).isFalse();
  }

  @Test
  void whoComesIsToldAtOnceAndThenAgain() throws IOException {
    try (Watcher watcher = watch()) {
      assertThat(watcher.next().getInteger("made")).isEqualTo(1);
      assertThat(watcher.next().getInteger("made")).isEqualTo(2);
    }
  }

  @Test
  void oneTooManyTakesThePlaceOfTheOldest() throws IOException {
    List<Watcher> all = new ArrayList<>();
    for (int i = 0; i < LiveSubscribers.MOST; i++) {
      all.add(watch());
    }
    try (Watcher late = watch()) {
      assertThat(late.next()).isNotNull();
      assertThat(all.get(0).ends()).isTrue();
      assertThat(all.get(1).next()).isNotNull();
      assertThat(liveSubscribers.count()).isEqualTo(LiveSubscribers.MOST);
    }
    for (Watcher each : all) {
      each.close();
    }
    await().until(() -> liveSubscribers.count() == 0);
  }

  @Test
  void forWhoDoesNotReadNothingIsHeaped() throws IOException {
    int many = 60;
    padding.set("x".repeat(1 << 20));
    try (Socket idle = askAndNeverRead(server)) {
      await().atMost(Duration.ofSeconds(30)).until(() -> made.get() >= many);
      long heaped = last.get().bytesWritten();
      await().atMost(Duration.ofSeconds(30)).until(() -> made.get() >= 2 * many);

      assertThat(last.get().bytesWritten()).isEqualTo(heaped);
      assertThat(idle.isClosed()).as("by us").isFalse();
    }
  }

  @Test
  void whoNeverReadsIsClosedByTheIdleTimeOut() throws IOException {
    padding.set("x".repeat(1 << 20));
    HttpServer impatient = listen(new HttpServerOptions().setIdleTimeout(1));
    try (Socket idle = askAndNeverRead(impatient)) {
      await().until(() -> liveSubscribers.count() == 1);

      await().atMost(Duration.ofSeconds(30)).until(() -> liveSubscribers.count() == 0);
      assertThat(idle.isClosed()).as("by us").isFalse();
    }
  }

  private static Socket askAndNeverRead(HttpServer server) throws IOException {
    Socket idle = new Socket("127.0.0.1", server.actualPort());
    idle.setReceiveBufferSize(4096);
    idle.getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return idle;
  }

  @Test
  void closingEndsTheEvents() throws IOException {
    try (Watcher watcher = watch()) {
      watcher.next();
      vertx.runOnContext(now -> liveSubscribers.close());

      assertThat(watcher.ends()).isTrue();
    }
    await().until(() -> liveSubscribers.count() == 0);
  }

  private Watcher watch() throws IOException {
    return new Watcher(server.actualPort());
  }
}
