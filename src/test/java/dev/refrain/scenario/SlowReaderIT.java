package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.ForkedProxy;
import dev.refrain.testing.Gate;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
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
    if (!request.text().contains("giant")) {
      return Examples.answer(request);
    }
    return Script.events()
        .chunks(EVENTS, SlowReaderIT::event)
        .data(Examples.chunk("", "stop"))
        .done();
  }

  private static String event(int index) {
    String text = String.valueOf((char) ('a' + index % 26)).repeat(EVENT - 200) + index;
    return "data: " + Examples.chunk(text, null) + "\n\n";
  }

  @Test
  void aReaderWhoStopsCostsABoundedHeapAndDisturbsNobody() throws Exception {
    serveOthersFor(Duration.ofSeconds(3)); // a cold JVM would be taken for a disturbance
    try (RawClient shared = new RawClient(proxy.port(), 1 << 14).post(Examples.streaming("giant"));
        RawClient alone =
            new RawClient(proxy.port(), 1 << 14).post(Examples.samplingStream("giant"))) {
      RawClient.Answer first = shared.answer();
      RawClient.Answer second = alone.answer();

      List<Duration> others = serveOthersFor(Duration.ofSeconds(10));

      assertThat(others).hasSizeGreaterThan(100);
      assertThat(others.get(others.size() / 2)).as("median").isLessThan(Duration.ofMillis(500));
      assertThat(others.get(others.size() - 1)).as("worst").isLessThan(Duration.ofSeconds(5));
      assertThat(upstream.written()).as("held back").isLessThan(64L * MIB);
      assertThat(proxy.liveHeap()).as("live heap").isLessThan(64L * MIB);
      arrivesWhole(first);
      arrivesWhole(second);
      assertThat(proxy.isAlive()).isTrue();
    }
  }

  @Test
  void aReaderWhoStandsStillInASharedFlightDelaysNobodyInIt() throws Exception {
    Gate half = new Gate();
    upstream.play(request -> request.text().contains("shared") ? shared(half) : answer(request));
    serveOthersFor(Duration.ofSeconds(3));
    int calls = upstream.calls();
    long before = proxy.liveHeap();
    try (RawClient still = new RawClient(proxy.port(), 1 << 14);
        RawClient joined = new RawClient(proxy.port());
        RawClient plain = new RawClient(proxy.port())) {
      RawClient.Answer stands = still.post(Examples.streaming("shared")).answer();
      RawClient.Answer reads = joined.post(Examples.streaming("shared")).answer();
      plain.post(Examples.asking("shared"));
      arrive(reads, 0, SHARED / 2);

      List<Duration> others = serveOthersFor(Duration.ofSeconds(30));

      assertThat(others.get(others.size() / 2)).as("median").isLessThan(Duration.ofMillis(500));
      assertThat(proxy.liveHeap() - before).as("what the flight costs").isLessThan(6L * MIB);
      long begin = System.nanoTime();
      half.open();
      arrive(reads, SHARED / 2, SHARED);
      assertThat(Events.of(reads.text()).properlyEnded()).isTrue();
      assertThat(Examples.text(plain.answer().text())).hasSizeGreaterThan(SHARED * (EVENT - 200));
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .as("the rest, for those who read")
          .isLessThan(Duration.ofSeconds(5));
      assertThat(proxy.liveHeap() - before).as("with the entry").isLessThan(12L * MIB);
      arrive(stands, 0, SHARED);
      assertThat(Events.of(stands.text()).properlyEnded()).isTrue();
    }
    assertThat(upstream.received().subList(calls, upstream.calls()))
        .filteredOn(request -> request.text().contains("shared"))
        .as("calls for the three")
        .hasSize(1);
  }

  private static Script shared(Gate half) {
    return Script.events()
        .chunks(SHARED / 2, SlowReaderIT::event)
        .pause(half)
        .then(rest())
        .data(Examples.chunk("", "stop"))
        .data(Examples.usage())
        .done();
  }

  private static Script rest() {
    return Script.silence().chunks(SHARED / 2, i -> event(SHARED / 2 + i));
  }

  /** How long each request of another caller took, sorted. */
  private List<Duration> serveOthersFor(Duration time) throws Exception {
    List<Duration> took = new ArrayList<>();
    long end = System.nanoTime() + time.toNanos();
    try (RawClient client = new RawClient(proxy.port())) {
      for (int i = 0; System.nanoTime() - end < 0; i++) {
        long begin = System.nanoTime();
        String text =
            switch (i % 3) {
              case 0 -> Examples.text(client.post(Examples.REQUEST).answer().text());
              case 1 -> Examples.text(client.post(Examples.sampling("o" + i)).answer().text());
              default ->
                  Events.of(client.post(Examples.samplingStream("o" + i)).answer().text()).text(0);
            };
        took.add(Duration.ofNanos(System.nanoTime() - begin));
        assertThat(text).isEqualTo(Examples.TEXT);
        LockSupport.parkNanos(PACE.toNanos()); // callers, not a load
      }
    }
    Collections.sort(took);
    return took;
  }

  private static void arrivesWhole(RawClient.Answer answer) throws Exception {
    arrive(answer, 0, EVENTS);
    assertThat(Events.of(answer.text()).properlyEnded()).isTrue();
  }

  private static void arrive(RawClient.Answer answer, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      byte[] expected = event(i).getBytes(StandardCharsets.UTF_8);
      byte[] came = answer.stream().readNBytes(expected.length);
      assertThat(java.util.Arrays.equals(came, expected)).as("event %d", i).isTrue();
    }
  }
}
