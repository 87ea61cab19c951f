package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.ForkedProxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Merged streams of 64 MiB whose readers stop, before a proxy with a small heap: sampled ones,
 * whose parts go straight through, and deterministic ones, each part of which is recorded until it
 * has passed the bound of an entry (decision 0007).
 */
class FanOutMemoryIT {
  private static final long MIB = 1 << 20;
  private static final int OF_EACH_KIND = 8;
  private static final int RECORDINGS = OF_EACH_KIND * 3; // two prompts, or one that is copied
  private static final int CALLS = OF_EACH_KIND * 2 + RECORDINGS;
  private static final long ENTRY = 4 * MIB; // cache.maxEntry
  private static final long CALL = 3 * MIB / 2; // what came before the socket was held back
  private static final long PROGRAM = 48 * MIB;

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(FanOutMemoryIT::answer);
  private final ExecutorService readers = Executors.newCachedThreadPool();
  private final List<RunningStream> runningStream = new ArrayList<>();
  private ForkedProxy proxy;

  private record RunningStream(
      Dialect dialect, RawClient client, RawClient.Answer answer, int[] voices) {
    Void arrive() throws Exception {
      GiantStream.arrive(dialect, answer, voices);
      return null;
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (RunningStream one : runningStream) {
      one.client.close();
    }
    readers.shutdownNow();
    proxy.close();
    upstream.close();
  }

  private static Script answer(Received request) {
    return request.text().contains("giant")
        ? GiantStream.answer(request)
        : Examples.answer(request);
  }

  @Test
  void readersWhoStopHoldEveryVoiceBackInABoundedHeapAndGetAllOfItLater() throws Exception {
    proxy =
        new ForkedProxy(
            upstream,
            "cache: {flights: {hitForMiss: 1h}}",
            List.of(
                "-Xmx256m",
                "-XX:MaxDirectMemorySize=96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Dio.netty.allocator.type=pooled"));
    serveOthers(50); // a cold JVM would be taken for a disturbance
    int before = upstream.calls();
    for (int i = 0; i < OF_EACH_KIND; i++) {
      Dialect dialect = i % 2 == 0 ? Dialect.COMPLETIONS : Dialect.CHAT;
      String sampled = dialect.sampling("giant");
      sing(dialect, 2, sampled.replace("\"temp", "\"n\":2,\"seed\":0,\"temp"), 0, 1);
      sing(Dialect.COMPLETIONS, 2, twoPrompts(i), 0, 1);
      String twice = dialect.asking("giant %d, twice: 1".formatted(i));
      sing(dialect, 1, twice.replace("\"temp", "\"n\":2,\"temp"), 1, 1);
    }
    assertThat(upstream.calls() - before).isEqualTo(CALLS);

    long held = writtenWhenNothingMoves();

    assertThat(held).as("taken of all").isLessThan(CALLS * (long) GiantStream.BYTES / 2);
    assertThat(proxy.liveHeap())
        .as("live heap")
        .isLessThan(RECORDINGS * ENTRY + CALLS * CALL + PROGRAM);
    List<Duration> others = serveOthers(150);
    assertThat(others.get(others.size() / 2)).as("median").isLessThan(Duration.ofMillis(500));
    assertThat(others.get(others.size() - 1)).as("worst").isLessThan(Duration.ofSeconds(5));
    assertThat(upstream.written() - held).as("moved meanwhile").isLessThan(MIB);

    nobodyWaitsForWhatCannotBeShared();
    allOfItArrives();
    assertThat(proxy.liveHeap()).as("live heap at rest").isLessThan(PROGRAM);
    assertThat(proxy.isAlive()).isTrue();
  }

  private void nobodyWaitsForWhatCannotBeShared() throws Exception {
    assertThat(proxy.metric("refrain_flights ")).isZero();
    int before = upstream.calls();
    sing(Dialect.COMPLETIONS, 2, twoPrompts(0), 0, 1);
    sing(Dialect.COMPLETIONS, 2, twoPrompts(0), 0, 1);
    assertThat(upstream.calls() - before).as("calls, none of them shared").isEqualTo(4);
  }

  private void allOfItArrives() throws Exception {
    List<Future<Void>> arriving = new ArrayList<>();
    long begin = System.nanoTime();
    for (RunningStream one : runningStream) {
      arriving.add(readers.submit(one::arrive));
    }
    for (Future<Void> one : arriving) {
      one.get(2, TimeUnit.MINUTES);
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    double mib = runningStream.size() * 2.0 * GiantStream.BYTES / MIB;
    assertThat(mib / seconds).as("MiB a second").isGreaterThan(20);
    assertThat(proxy.metric("refrain_fanout_waiting ")).isZero();
    await().until(() -> proxy.metric("refrain_upstream_calls_in_flight ") == 0);
  }

  private static String twoPrompts(int number) {
    return "{\"model\":\"m\",\"temperature\":0,\"prompt\":[\"giant %d: 0\",\"giant %d: 1\"]}"
        .formatted(number, number);
  }

  private void sing(Dialect dialect, int calls, String asked, int... voices) throws Exception {
    RawClient client = new RawClient(proxy.port(), 1 << 18);
    int before = upstream.calls();
    client.postTo(dialect.path(), asked.replace("{\"model\"", "{\"stream\":true,\"model\""));
    runningStream.add(new RunningStream(dialect, client, client.answer(), voices));
    upstream.awaitCalls(before + calls);
  }

  private long writtenWhenNothingMoves() {
    AtomicLong before = new AtomicLong();
    await()
        .atMost(30, TimeUnit.SECONDS)
        .pollInterval(750, TimeUnit.MILLISECONDS)
        .until(() -> before.getAndSet(upstream.written()) == upstream.written());
    return before.get();
  }

  /** How long each request of another caller took, sorted. */
  private List<Duration> serveOthers(int count) throws Exception {
    List<Duration> took = new ArrayList<>();
    try (RawClient client = new RawClient(proxy.port())) {
      for (int i = 0; i < count; i++) {
        long begin = System.nanoTime();
        assertThat(serve(client, i)).isEqualTo(Examples.TEXT);
        took.add(Duration.ofNanos(System.nanoTime() - begin));
      }
    }
    Collections.sort(took);
    return took;
  }

  private static String serve(RawClient client, int i) throws Exception {
    return switch (i % 3) {
      case 0 -> Examples.text(client.post(Examples.REQUEST).answer().text());
      case 1 -> Examples.text(client.post(Examples.sampling("o" + i)).answer().text());
      default -> Events.of(client.post(two(i)).answer().text()).text(1);
    };
  }

  private static String two(int i) {
    return Examples.samplingStream("o" + i).replace("}", ",\"n\":2}");
  }
}
