package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Events;
import dev.refrain.testing.ForkedProxy;
import dev.refrain.testing.Gate;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Readers who read nothing of a giant stream, before a proxy with a small heap. Both scenarios at
 * once, each with a proxy of its own: they consist of waiting.
 */
@Execution(ExecutionMode.CONCURRENT)
class SlowReaderIT {
  private static final int MIB = 1 << 20;
  private static final int EVENTS = 1024;
  private static final int EVENT = 64 << 10;
  private static final Duration PACE = Duration.ofMillis(10);
  private static final int SHARED = 48; // 3 MiB: within the 4 MiB that a recording may remember

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(SlowReaderIT::answer);
  private ForkedProxy proxy;

  @BeforeEach
  void start() throws Exception {
    proxy =
        new ForkedProxy(
            upstream,
            "-Xmx128m",
            "-XX:MaxDirectMemorySize=64m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dio.netty.allocator.type=pooled");
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  private static Script answer(Received request) {
    Dialect dialect = Dialect.of(request);
    if (!request.text().contains("giant")) {
      return dialect.answer(request);
    }
    return Script.events()
        .chunks(EVENTS, i -> event(dialect, i))
        .data(dialect.chunk("", "stop"))
        .done();
  }

  private static String event(Dialect dialect, int index) {
    String text = String.valueOf((char) ('a' + index % 26)).repeat(EVENT - 200) + index;
    return "data: " + dialect.chunk(text, null) + "\n\n";
  }

  @Test
  void aReaderWhoStopsCostsABoundedHeapAndDisturbsNobody() throws Exception {
    serveOthersFor(Duration.ofSeconds(3)); // a cold JVM would be taken for a disturbance
    try (Stopped completions = new Stopped(Dialect.COMPLETIONS);
        Stopped chat = new Stopped(Dialect.CHAT)) {
      List<Duration> others = serveOthersFor(Duration.ofSeconds(10));

      assertThat(others).hasSizeGreaterThan(100);
      assertThat(others.get(others.size() / 2)).as("median").isLessThan(Duration.ofMillis(500));
      assertThat(others.get(others.size() - 1)).as("worst").isLessThan(Duration.ofSeconds(5));
      assertThat(upstream.written()).as("held back").isLessThan(64L * MIB);
      assertThat(proxy.liveHeap()).as("live heap").isLessThan(64L * MIB);
      completions.arriveWhole();
      chat.arriveWhole();
      assertThat(proxy.isAlive()).isTrue();
    }
  }

  /** Two readers of a giant stream who read nothing: one shares its call, one does not. */
  private final class Stopped implements AutoCloseable {
    private final Dialect dialect;
    private final RawClient shared = new RawClient(proxy.port(), 1 << 14);
    private final RawClient alone = new RawClient(proxy.port(), 1 << 14);
    private final List<RawClient.Answer> answers;

    Stopped(Dialect dialect) throws Exception {
      this.dialect = dialect;
      answers =
          List.of(
              shared.postTo(dialect.path(), dialect.streaming("giant")).answer(),
              alone.postTo(dialect.path(), dialect.samplingStream("giant")).answer());
    }

    void arriveWhole() throws Exception {
      for (RawClient.Answer answer : answers) {
        arrive(dialect, answer, 0, EVENTS);
        assertThat(Events.of(answer.text()).properlyEnded()).isTrue();
      }
    }

    @Override
    public void close() throws IOException {
      shared.close();
      alone.close();
    }
  }

  @Test
  void aReaderWhoStandsStillInASharedFlightDelaysNobodyInIt() throws Exception {
    Gate half = new Gate();
    upstream.play(
        request ->
            request.text().contains("shared")
                ? shared(Dialect.of(request), half)
                : answer(request));
    serveOthersFor(Duration.ofSeconds(3));
    int calls = upstream.calls();
    long before = proxy.liveHeap();
    try (SharedFlight completions = new SharedFlight(Dialect.COMPLETIONS);
        SharedFlight chat = new SharedFlight(Dialect.CHAT)) {
      List<Duration> others = serveOthersFor(Duration.ofSeconds(30));

      assertThat(others.get(others.size() / 2)).as("median").isLessThan(Duration.ofMillis(500));
      assertThat(proxy.liveHeap() - before).as("what two flights cost").isLessThan(12L * MIB);
      long begin = System.nanoTime();
      half.open();
      completions.theRestArrives();
      chat.theRestArrives();
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .as("the rest, for those who read")
          .isLessThan(Duration.ofSeconds(5));
      assertThat(proxy.liveHeap() - before).as("with the entries").isLessThan(24L * MIB);
      completions.whoStoodStillGetsAll();
      chat.whoStoodStillGetsAll();
    }
    assertThat(upstream.received().subList(calls, upstream.calls()))
        .filteredOn(request -> request.text().contains("shared"))
        .as("calls for the three of each")
        .hasSize(2);
  }

  /** Three callers in one flight at half of its stream: one stands still, two read. */
  private final class SharedFlight implements AutoCloseable {
    private final Dialect dialect;
    private final RawClient still = new RawClient(proxy.port(), 1 << 14);
    private final RawClient joined = new RawClient(proxy.port());
    private final RawClient plain = new RawClient(proxy.port());
    private final RawClient.Answer stands;
    private final RawClient.Answer reads;

    SharedFlight(Dialect dialect) throws Exception {
      this.dialect = dialect;
      stands = still.postTo(dialect.path(), dialect.streaming("shared")).answer();
      reads = joined.postTo(dialect.path(), dialect.streaming("shared")).answer();
      plain.postTo(dialect.path(), dialect.asking("shared"));
      arrive(dialect, reads, 0, SHARED / 2);
    }

    void theRestArrives() throws Exception {
      arrive(dialect, reads, SHARED / 2, SHARED);
      assertThat(Events.of(reads.text()).properlyEnded()).isTrue();
      assertThat(dialect.text(plain.answer().text())).hasSizeGreaterThan(SHARED * (EVENT - 200));
    }

    void whoStoodStillGetsAll() throws Exception {
      arrive(dialect, stands, 0, SHARED);
      assertThat(Events.of(stands.text()).properlyEnded()).isTrue();
    }

    @Override
    public void close() throws IOException {
      still.close();
      joined.close();
      plain.close();
    }
  }

  private static Script shared(Dialect dialect, Gate half) {
    return Script.events()
        .chunks(SHARED / 2, i -> event(dialect, i))
        .pause(half)
        .chunks(SHARED / 2, i -> event(dialect, SHARED / 2 + i))
        .data(dialect.chunk("", "stop"))
        .data(dialect.usage())
        .done();
  }

  /** How long each request of another caller took, sorted. */
  private List<Duration> serveOthersFor(Duration time) throws Exception {
    List<Duration> took = new ArrayList<>();
    long end = System.nanoTime() + time.toNanos();
    try (RawClient client = new RawClient(proxy.port())) {
      for (int i = 0; System.nanoTime() - end < 0; i++) {
        long begin = System.nanoTime();
        Dialect dialect = i % 2 == 0 ? Dialect.COMPLETIONS : Dialect.CHAT;
        String body =
            switch (i % 3) {
              case 0 -> dialect.asking("known");
              case 1 -> dialect.sampling("o" + i);
              default -> dialect.samplingStream("o" + i);
            };
        String text = dialect.text(client.postTo(dialect.path(), body).answer().text());
        took.add(Duration.ofNanos(System.nanoTime() - begin));
        assertThat(text).isEqualTo(Dialect.TEXT);
        LockSupport.parkNanos(PACE.toNanos()); // callers, not a load
      }
    }
    Collections.sort(took);
    return took;
  }

  private static void arrive(Dialect dialect, RawClient.Answer answer, int from, int to)
      throws Exception {
    for (int i = from; i < to; i++) {
      byte[] expected = event(dialect, i).getBytes(StandardCharsets.UTF_8);
      byte[] came = answer.stream().readNBytes(expected.length);
      assertThat(java.util.Arrays.equals(came, expected)).as("event %d", i).isTrue();
    }
  }
}
