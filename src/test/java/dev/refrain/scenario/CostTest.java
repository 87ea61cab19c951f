package dev.refrain.scenario;

import static dev.refrain.testing.Examples.chunk;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawServer;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a hit, a miss and a chunk cost in bytes of the heap, writes to sockets and commands to
 * Redis: counted, not timed.
 */
class CostTest {
  private static final int WARM_UP = 500;
  private static final int TIMES = 500;
  private static final long HIT_BUDGET = 8_192;
  private static final long MISS_BUDGET = 19_456;
  private static final long CHUNK_BUDGET = 1_792;

  private static final String ONE_LOOP = "eventLoops: 1";
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static Proxy before(ScriptedUpstream upstream) {
    return Proxy.before(upstream.url(), "", "", ONE_LOOP);
  }

  static Stream<String> hits() {
    return Stream.of(Examples.REQUEST, Examples.streaming());
  }

  /**
   * The budget is that of the simple compiler, which leaves every allocation in its place; the
   * optimising one saves about a third of them.
   */
  @ParameterizedTest
  @MethodSource("hits")
  void aHitAllocatesNoMoreThanItsBudget(String request) throws Exception {
    try (ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
        Proxy proxy = before(upstream);
        RawClient client = proxy.connect()) {
      ask(client, request, WARM_UP);
      long before = allocated();
      ask(client, request, TIMES);
      assertThat((allocated() - before) / TIMES).isLessThan(HIT_BUDGET);
      assertThat(upstream.calls()).isEqualTo(1);
    }
  }

  /** The upstream's part is played by threads that are no event loops. */
  @Test
  void aMissAllocatesNoMoreThanItsBudget() throws Exception {
    try (ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
        Proxy proxy = before(upstream);
        RawClient client = proxy.connect()) {
      for (int i = 0; i < WARM_UP; i++) {
        ask(client, Examples.asking("warm up " + i), 1);
      }
      long before = allocated();
      for (int i = 0; i < TIMES; i++) {
        ask(client, Examples.asking("miss " + i), 1);
      }
      assertThat((allocated() - before) / TIMES).isLessThan(MISS_BUDGET);
      assertThat(upstream.calls()).isEqualTo(WARM_UP + TIMES);
    }
  }

  private static long allocated() {
    return Stream.of(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
        .filter(thread -> thread != null && thread.getThreadName().startsWith("vert.x-eventloop"))
        .mapToLong(thread -> THREADS.getThreadAllocatedBytes(thread.getThreadId()))
        .sum();
  }

  /** Head and body are one write, for a request in two would be read in one piece or two. */
  private static void ask(RawClient client, String request, int times) throws Exception {
    byte[] bytes = message(request);
    for (int i = 0; i < times; i++) {
      RawClient.Answer answer = client.send(bytes).answer();
      assertThat(answer.status()).isEqualTo(200);
      answer.text();
    }
  }

  private static byte[] message(String request) {
    String head =
        "POST /v1/completions HTTP/1.1\r\nHost: proxy\r\nAuthorization: Bearer sk-1234567890\r\n"
            + "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n";
    return (head.formatted(request.length()) + request).getBytes(UTF_8);
  }

  @ParameterizedTest
  @MethodSource("hits")
  void aHitIsOneWrite(String request) throws Exception {
    try (ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
        Proxy proxy = before(upstream);
        RawClient client = proxy.connect()) {
      ask(client, request, 1);
      long before = client.reads();
      ask(client, request, TIMES);
      assertThat(client.reads() - before).isEqualTo(TIMES);
    }
  }

  @Test
  void aMissIsOneWriteToTheUpstreamAndOneToTheCaller() throws Exception {
    try (RawServer upstream = new RawServer();
        Proxy proxy = Proxy.before(upstream.url(), "", "", ONE_LOOP);
        RawClient client = proxy.connect()) {
      client.send(message(Examples.asking("miss")));
      try (RawServer.Peer peer = upstream.accept()) {
        for (int i = 1; i <= TIMES; i++) {
          peer.request();
          peer.answer(Examples.ANSWER);
          client.answer().text();
          client.send(message(Examples.asking("miss " + i)));
        }
        peer.request();
        assertThat(peer.reads()).isEqualTo(TIMES + 1);
        assertThat(client.reads()).isEqualTo(TIMES);
      }
    }
  }

  @Test
  void aChunkThatComesAloneIsOneWriteAndAllocatesNoMoreThanItsBudget() throws Exception {
    Gate[] gates = Stream.generate(Gate::new).limit(WARM_UP + TIMES).toArray(Gate[]::new);
    Script script = Script.events().data(chunk("begin", null));
    for (Gate gate : gates) {
      script = script.pause(gate).data(chunk("a", null));
    }
    try (ScriptedUpstream upstream =
            ScriptedUpstream.playing(script.data(chunk("", "stop")).done());
        Proxy proxy = before(upstream);
        RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.samplingStream("t")).answer();
      answer.until("\n\n");
      pass(gates, 0, WARM_UP, answer);
      long bytes = allocated();
      long reads = client.reads();
      pass(gates, WARM_UP, WARM_UP + TIMES - 1, answer);
      assertThat(client.reads() - reads).isEqualTo(TIMES - 1);
      assertThat((allocated() - bytes) / TIMES).isLessThan(CHUNK_BUDGET);
      gates[gates.length - 1].open(); // the end comes with the last one
      assertThat(answer.text()).endsWith("data: [DONE]\n\n");
    }
  }

  private static void pass(Gate[] gates, int from, int to, RawClient.Answer answer)
      throws Exception {
    for (int i = from; i < to; i++) {
      gates[i].open();
      answer.until("\n\n");
    }
  }

  @Test
  void chunksThatComeTogetherAreOneWrite() throws Exception {
    Gate gate = new Gate();
    String many = ("data: " + chunk("a", null) + "\n\n").repeat(50);
    Script script =
        Script.events().data(chunk("begin", null)).pause(gate).chunk(many).data(chunk("", "stop"));
    try (ScriptedUpstream upstream = ScriptedUpstream.playing(script.done());
        Proxy proxy = before(upstream);
        RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.samplingStream("t")).answer();
      answer.until("\n\n");
      long before = client.reads();
      gate.open();
      answer.text();
      assertThat(client.reads() - before).isLessThan(5);
    }
  }

  @Test
  void aHitInMemoryAsksRedisNothing() throws Exception {
    asked(
        "64MiB",
        (redis, client) -> {
          Map<String, Integer> before = redis.calls();
          ask(client, Examples.REQUEST, TIMES);
          assertThat(since(before, redis)).isEmpty();
        });
  }

  @Test
  void aHitInRedisIsOneCommand() throws Exception {
    asked(
        "1",
        (redis, client) -> {
          Map<String, Integer> before = redis.calls();
          ask(client, Examples.REQUEST, TIMES);
          assertThat(since(before, redis)).containsExactly(Map.entry("getrange", TIMES));
        });
  }

  /** A look-up, a claim, the answer told with its end, and the answer kept. */
  @Test
  void aMissIsFourCommandsToRedis() throws Exception {
    asked(
        "64MiB",
        (redis, client) -> {
          Map<String, Integer> before = redis.calls();
          for (int i = 0; i < TIMES; i++) {
            ask(client, Examples.asking("miss " + i), 1);
          }
          await().until(() -> asked(redis, before, "xadd") == TIMES);
          assertThat(asked(redis, before, "getrange")).isEqualTo(TIMES);
          assertThat(asked(redis, before, "eval")).isEqualTo(2 * TIMES);
          assertThat(asked(redis, before, "set")).isEqualTo(TIMES);
        });
  }

  /**
   * Every telling looks at the lease, and nothing else does before a third of it has passed. A
   * stream that takes longer than a moment, on a machine that stands still, may end with nothing
   * left to tell.
   */
  @Test
  void theEndOfAStreamIsToldWithTheLastOfIt() throws Exception {
    asked(
        "64MiB",
        (redis, client) -> {
          Map<String, Integer> before = redis.calls();
          for (int i = 0; i < TIMES; i++) {
            ask(client, Examples.streaming("stream " + i), 1);
          }
          await()
              .until(
                  () -> asked(redis, before, "xadd") - asked(redis, before, "hmget") > TIMES / 2);
        });
  }

  private static int asked(RedisFixture redis, Map<String, Integer> before, String command) {
    return redis.calls().getOrDefault(command, 0) - before.getOrDefault(command, 0);
  }

  private interface Question {
    void of(RedisFixture redis, RawClient client) throws Exception;
  }

  /** Asks when one answer is kept in both tiers, as far as the first has room for it. */
  private static void asked(String memory, Question question) throws Exception {
    try (ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
        RedisFixture redis = new RedisFixture();
        Proxy proxy =
            Proxy.before(
                upstream.url(),
                "",
                "cache: {memory: {size: %s}, redis: {url: \"%s\", timeout: 10s, lease: 60s}}"
                    .formatted(memory, redis.url()),
                ONE_LOOP);
        RawClient client = proxy.connect()) {
      await().until(() -> isHit(client));
      question.of(redis, client);
    }
  }

  private static boolean isHit(RawClient client) throws Exception {
    RawClient.Answer answer = client.send(message(Examples.REQUEST)).answer();
    answer.text();
    return answer.head().first("Cache-Status").orElseThrow().contains("hit");
  }

  /** What was asked, beside what is asked from time to time, and by this test. */
  private static Map<String, Integer> since(Map<String, Integer> before, RedisFixture redis) {
    Map<String, Integer> since = redis.calls();
    since.keySet().removeAll(Set.of("hgetall", "time", "hello", "info", "dbsize", "ping"));
    since.replaceAll((command, calls) -> calls - before.getOrDefault(command, 0));
    since.values().removeIf(calls -> calls == 0);
    return since;
  }
}
