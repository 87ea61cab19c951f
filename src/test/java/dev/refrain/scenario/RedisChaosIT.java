package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Redis is never the weak link: what befalls it costs hits, never an answer. */
@ParameterizedClass
@EnumSource(Dialect.class)
class RedisChaosIT {
  /** Keys of kept answers; those of calls on their way go on after the brace. */
  private static final String ENTRIES = "*}";

  private static final Duration BUDGET = Duration.ofMillis(25);

  private final RedisFixture redis = new RedisFixture();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(this::echo);
  private final Proxy proxy = proxy();
  private final Dialect dialect;
  private int asked;

  RedisChaosIT(Dialect dialect) {
    this.dialect = dialect;
  }

  /** With no room in memory, so that every hit is one of Redis. */
  private Proxy proxy() {
    return Proxy.before(
        upstream.url(),
        "",
        """
        cache:
          memory: {size: 1}
          redis: {url: "%s", timeout: %dms, breaker: {failures: 5, pause: 200ms}}
        """
            .formatted(redis.url(), BUDGET.toMillis()));
  }

  /** Answers with the prompt, so that an answer to another question shows. */
  private Script echo(Received request) {
    return Script.json(dialect.document(dialect.question(request)));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
    redis.close();
  }

  @Test
  void whatOneReplicaHasPaidForIsServedByAnother() {
    isKept("fleet");
    int calls = upstream.calls();
    try (Proxy other = proxy()) {
      await().untilAsserted(() -> assertThat(detail(ask(other, "fleet"))).isEqualTo("redis"));
    }
    assertThat(upstream.calls()).isLessThanOrEqualTo(calls + 1);
  }

  @Test
  void redisCanBeKilledAndStartedAgainAtTheCostOfHits() throws Exception {
    survives(redis::kill, redis::start);
  }

  @Test
  void redisCanFreezeAndThawAtTheCostOfHits() throws Exception {
    survives(redis::freeze, redis::thaw);
  }

  private void survives(Runnable trouble, Runnable relief) throws Exception {
    isKept("before");
    Duration healthy = medianOfMisses();
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService callers = Executors.newFixedThreadPool(4);
    List<Future<Integer>> traffic = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String caller = "caller " + i + " ";
      traffic.add(callers.submit(() -> askUntil(over, caller)));
    }
    trouble.run();
    isAnswered("before");
    over.set(true);
    for (Future<Integer> caller : traffic) {
      assertThat(caller.get()).as("requests of a caller, none failed").isPositive();
    }
    callers.shutdown();

    // Measured anew if something else on the machine was in the way.
    await()
        .atMost(Duration.ofSeconds(60))
        .until(this::medianOfMisses, inTrouble -> inTrouble.compareTo(healthy.plus(BUDGET)) < 0);

    relief.run();
    isKept("after");
  }

  private int askUntil(AtomicBoolean over, String caller) {
    int count = 0;
    while (!over.get() || count < 50) {
      isAnswered(caller + count++ % 10);
    }
    return count;
  }

  private Duration medianOfMisses() {
    return Stream.generate(() -> "miss " + asked++)
        .limit(101)
        .map(RedisChaosIT.this::timed)
        .sorted()
        .skip(50)
        .findFirst()
        .orElseThrow();
  }

  private Duration timed(String prompt) {
    long begin = System.nanoTime();
    isAnswered(prompt);
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  static Stream<byte[]> garbage() {
    return Stream.of(
        new byte[0],
        new byte[1],
        new byte[4096],
        "garbage".getBytes(StandardCharsets.UTF_8),
        Examples.ANSWER.getBytes(StandardCharsets.UTF_8),
        "\u00ff\u00ff\u00ff\u00ff\u007f\u00ff\u00ff\u00ff\u00ff"
            .repeat(100)
            .getBytes(StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @MethodSource("garbage")
  void garbageUnderOurKeysIsAMiss(byte[] garbage) {
    isKept("g");

    redis.garble(garbage);

    isAnswered("g");
    isKept("g");
  }

  @Test
  void anEntryThatIsDamagedAnywhereIsNotServed() {
    isKept("bits");
    Response key = redis.command(Request.cmd(Command.KEYS).arg(ENTRIES)).get(0);
    byte[] entry = redis.command(Request.cmd(Command.GET).arg(key.toString())).toBytes();
    for (int i = 0; i < entry.length; i += Math.max(1, entry.length / 64)) {
      byte[] damaged = entry.clone();
      damaged[i] ^= (byte) (1 << i % 8);
      put(key.toString(), damaged);
      isAnswered("bits");
    }
    for (int i = 0; i < entry.length; i += Math.max(1, entry.length / 16)) {
      put(key.toString(), java.util.Arrays.copyOf(entry, i));
      isAnswered("bits");
    }
  }

  @Test
  void anEntryUnderAnothersKeyIsNotServed() {
    isKept("mine");
    String mine = redis.command(Request.cmd(Command.KEYS).arg(ENTRIES)).get(0).toString();
    byte[] entry = redis.command(Request.cmd(Command.GET).arg(mine)).toBytes();
    isKept("theirs");
    for (Response key : redis.command(Request.cmd(Command.KEYS).arg(ENTRIES))) {
      put(key.toString(), entry);
    }

    isAnswered("theirs");
    isAnswered("mine");
  }

  @Test
  void aKeyOfAnotherTypeIsNoAnswer() {
    isKept("type");
    String key = redis.command(Request.cmd(Command.KEYS).arg(ENTRIES)).get(0).toString();
    redis.command(Request.cmd(Command.DEL).arg(key));
    redis.command(Request.cmd(Command.RPUSH).arg(key).arg("x"));

    isAnswered("type");
    isKept("type");
  }

  private void put(String key, byte[] value) {
    redis.command(Request.cmd(Command.SET).arg(key).arg(Buffer.buffer(value)));
  }

  private void isAnswered(String prompt) {
    HttpResponse<String> answer = ask(proxy, prompt);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(dialect.document(prompt));
  }

  /** Asks until the answer comes from Redis. */
  private void isKept(String prompt) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(detail(ask(proxy, prompt))).isEqualTo("redis"));
    isAnswered(prompt);
  }

  private HttpResponse<String> ask(Proxy proxy, String prompt) {
    return proxy.postTo(dialect.path(), dialect.asking(prompt));
  }

  private static String detail(HttpResponse<String> answer) {
    String status = answer.headers().firstValue("Cache-Status").orElse("");
    return status.contains("; hit") ? status.replaceFirst(".*detail=", "") : "";
  }
}
