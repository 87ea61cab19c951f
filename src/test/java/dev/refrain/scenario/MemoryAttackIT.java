package dev.refrain.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.ForkedProxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is cheap to send and expensive to hold, before a replica of 512 MiB with the launcher's
 * flags: it lives, serves others, and is at rest again when the attackers have left.
 */
@Timeout(900)
class MemoryAttackIT {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryAttackIT.class);
  private static final int MIB = 1 << 20;
  private static final int HONEST = Integer.getInteger("refrain.attack.honest", 4);
  private static final int HELD_SECONDS = Integer.getInteger("refrain.attack.seconds", 3);
  private static final int NO_ROOM = 8 * 1024; // of a socket that nobody reads
  private static final Pattern FLAGS = Pattern.compile("jvm=\"([^$\"]*)\"");
  private static final Pattern SIZE = Pattern.compile("size (\\d+)");

  private static final Script DOWNLOAD = Script.answer(200, "x".repeat(4 * MIB));

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(MemoryAttackIT::answer);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Queue<RawClient> attackers = new ConcurrentLinkedQueue<>();
  private final Set<Integer> statuses = ConcurrentHashMap.newKeySet();
  private final Queue<Long> micros = new ConcurrentLinkedQueue<>();
  private volatile boolean attacked;
  private ForkedProxy proxy;

  /** A kind of attack, and how many attackers it takes. */
  enum Attack {
    LARGE_BODIES(2),
    STALLED_BODIES(6),
    STALLED_BODIES_OF_UNKNOWN_LENGTH(6),
    COPIES(12),
    COPIES_STREAMED(12),
    UNREAD_STREAMS(150),
    UNREAD_SHARED_STREAMS(150),
    UNREAD_CACHED_ANSWERS(900),
    UNREAD_DOWNLOADS(300),
    PIPELINED_REQUESTS(20);

    private final int attackers;

    Attack(int attackers) {
      this.attackers = attackers;
    }
  }

  @BeforeEach
  void start() throws IOException {
    List<String> flags = new ArrayList<>(launcherFlags());
    flags.add("-XX:MaxRAM=512m");
    flags.add("-XX:TieredStopAtLevel=1");
    proxy = new ForkedProxy(upstream, "", flags);
  }

  @AfterEach
  void stop() throws Exception {
    leave();
    threads.shutdownNow();
    proxy.close();
    upstream.close();
  }

  private static List<String> launcherFlags() throws IOException {
    Matcher flags = FLAGS.matcher(Files.readString(Path.of("bin", "refrain")));
    assertThat(flags.find()).isTrue();
    return Arrays.asList(flags.group(1).trim().split("\\s+"));
  }

  private static Script answer(Received request) {
    if (request.text().isEmpty()) {
      return DOWNLOAD;
    }
    Matcher size = SIZE.matcher(request.text());
    if (!size.find()) {
      return request.body().length > MIB ? Script.json(Examples.ANSWER) : Examples.answer(request);
    }
    int bytes = Integer.parseInt(size.group(1));
    return request.text().contains("\"stream\":true")
        ? Script.events()
            .chunks(bytes / 4096, i -> "data: " + Examples.chunk("y".repeat(4000), null) + "\n\n")
            .data(Examples.chunk("", "stop"))
            .done()
        : Script.json(
            Examples.ANSWER.replace(Examples.text(Examples.ANSWER).strip(), "z".repeat(bytes)));
  }

  @ParameterizedTest
  @EnumSource
  void aReplicaSurvives(Attack attack) throws Exception {
    survives(List.of(attack));
  }

  @Test
  void aReplicaSurvivesAllOfThemTogether() throws Exception {
    survives(List.of(Attack.values()));
  }

  private void survives(List<Attack> attacks) throws Exception {
    assertThat(ask(Examples.asking("cached size 16384"))).isEqualTo(200);
    assertThat(ask(Examples.asking("cached size 4000000"))).isEqualTo(200);
    Level before = Level.of(proxy);
    attacked = true;
    List<Future<?>> honest = new ArrayList<>();
    for (int i = 0; i < HONEST; i++) {
      int number = i;
      honest.add(threads.submit(() -> serve(number)));
    }
    List<Future<?>> attacking = new ArrayList<>();
    for (Attack attack : attacks) {
      attacking.add(threads.submit(() -> attack(attack)));
    }
    for (Future<?> one : attacking) {
      one.get();
    }
    Duration held = Duration.ofSeconds(HELD_SECONDS);
    await().pollDelay(held).atMost(held.plusSeconds(10)).until(() -> true);
    assertThat(proxy.isAlive()).isTrue();
    Level during = Level.of(proxy);
    leave();
    long left = System.nanoTime();
    attacked = false;
    for (Future<?> one : honest) {
      one.get();
    }
    report();
    assertThat(proxy.samples("refrain_memory_used_bytes")).isNotEmpty();
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(() -> Level.of(proxy).assertNotAbove(before));
    LOG.info(
        "{}: before {}, attacked {}, {} ms after they left {}",
        attacks,
        before,
        during,
        (System.nanoTime() - left) / 1_000_000,
        Level.of(proxy));
    assertThat(statuses).contains(200).isSubsetOf(200, 503);
    assertThat(ask(Examples.asking("after all of it"))).isEqualTo(200);
  }

  /** What the process holds. Idle connections to the upstream count as none. */
  private record Level(
      long used,
      long calls,
      long passed,
      long recordings,
      long flights,
      long connections,
      long files,
      long heapMiB,
      long directMiB) {
    // Those that its pools keep for the next call, and what a JVM opens once.
    private static final int KEPT_FILES = 64;

    static Level of(ForkedProxy proxy) throws Exception {
      return new Level(
          (long) proxy.metric("refrain_memory_used_bytes"),
          (long) proxy.metric("refrain_upstream_calls_in_flight "),
          (long) proxy.metric("refrain_passthrough_requests_in_flight "),
          (long) proxy.metric("refrain_recordings "),
          (long) proxy.metric("refrain_flights "),
          (long) proxy.metric("refrain_connections "),
          (long) proxy.metric("process_files_open_files"),
          (long) proxy.metric("jvm_memory_used_bytes{area=\"heap\"") / MIB,
          (long) proxy.metric("refrain_memory_direct_bytes") / MIB);
    }

    void assertNotAbove(Level before) {
      assertThat(List.of(used, calls, passed, recordings, flights)).containsOnly(0L);
      assertThat(connections).isLessThanOrEqualTo(before.connections);
      assertThat(files).isLessThanOrEqualTo(before.files + KEPT_FILES);
    }
  }

  private void leave() {
    for (RawClient one = attackers.poll(); one != null; one = attackers.poll()) {
      try {
        one.close();
      } catch (IOException gone) {
        continue; // as it was meant to be
      }
    }
  }

  private void serve(int number) {
    for (int i = 0; attacked; i++) {
      long begin = System.nanoTime();
      try {
        statuses.add(ask(Examples.asking("honest " + number + " " + i % 20)));
      } catch (Exception failed) {
        statuses.add(-1);
      }
      micros.add((System.nanoTime() - begin) / 1000);
    }
  }

  // For a longer run by hand: the latency that honest clients saw.
  private void report() {
    if (HELD_SECONDS > 3) {
      long[] sorted = micros.stream().mapToLong(Long::longValue).sorted().toArray();
      System.out.printf(
          "%d honest requests, statuses %s, p50 %d us, p99 %d us, longest %d us%n",
          sorted.length,
          statuses,
          sorted[sorted.length / 2],
          sorted[sorted.length * 99 / 100],
          sorted[sorted.length - 1]);
    }
  }

  private int ask(String body) throws Exception {
    try (RawClient client = new RawClient(proxy.port())) {
      RawClient.Answer answer = client.post(body).answer();
      answer.text();
      return answer.status();
    }
  }

  private void attack(Attack attack) {
    Stream.generate(() -> attack)
        .limit(attack.attackers)
        .map(each -> threads.submit(() -> attackOnce(each)))
        .toList()
        .forEach(MemoryAttackIT::join);
  }

  private static void join(Future<?> one) {
    try {
      one.get();
    } catch (Exception refused) {
      return; // a refusal resets the connection under what is still being sent
    }
  }

  private Void attackOnce(Attack attack) throws IOException {
    RawClient client = new RawClient(proxy.port(), NO_ROOM);
    attackers.add(client);
    switch (attack) {
      case LARGE_BODIES -> client.post(Examples.sampling("a".repeat(31 * MIB)));
      case STALLED_BODIES -> client.send(head("Content-Length: " + 31 * MIB)).send(blank(16 * MIB));
      case STALLED_BODIES_OF_UNKNOWN_LENGTH -> {
        client.send(head("Transfer-Encoding: chunked"));
        for (int i = 0; i < 16; i++) {
          client.send("100000\r\n").send(blank(MIB)).send("\r\n");
        }
      }
      case COPIES -> client.post(copies(false));
      case COPIES_STREAMED -> client.post(copies(true));
      case UNREAD_STREAMS -> client.post(Examples.samplingStream("size 8000000"));
      case UNREAD_SHARED_STREAMS ->
          client.post(Examples.streaming("number " + attackers.size() + " size 8000000"));
      case UNREAD_CACHED_ANSWERS -> client.post(Examples.asking("cached size 4000000"));
      case UNREAD_DOWNLOADS -> client.send("GET /v1/files/1/content HTTP/1.1\r\nHost: p\r\n\r\n");
      case PIPELINED_REQUESTS -> {
        for (int i = 0; i < 1000; i++) {
          client.post(Examples.asking("cached size 16384"));
        }
      }
    }
    return null;
  }

  private static String head(String length) {
    return "POST /v1/completions HTTP/1.1\r\nHost: p\r\nContent-Type: application/json\r\n"
        + length
        + "\r\n\r\n";
  }

  private static byte[] blank(int length) {
    return " ".repeat(length).getBytes(UTF_8);
  }

  private static String copies(boolean stream) {
    String prompt = "\"cached size 16384\",".repeat(16);
    return "{\"model\":\"gpt-3.5-turbo-instruct\",\"temperature\":0,\"n\":128,\"stream\":%b,\"prompt\":[%s]}"
        .formatted(stream, prompt.substring(0, prompt.length() - 1));
  }
}
