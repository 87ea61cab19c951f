package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Events;
import dev.refrain.testing.ForkedProxy;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replicas that share Redis share calls on their way, and survive each other and Redis. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EMBEDDINGS")
class FleetIT {
  private static final Duration LEASE = Duration.ofMillis(3000);
  private static final int TOKENS = 60;
  private static final int PAIRS = 5;
  private static final String TEXT = text(0, TOKENS);

  private final RedisFixture redis = new RedisFixture();
  private final Gate gate = new Gate();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(this::second);
  private int before;
  private final Proxy one = Proxy.before(upstream.url(), "", shared());
  private final Proxy two = Proxy.before(upstream.url(), "", shared());

  private enum Trouble {
    KILLED,
    FROZEN,
    RESTARTED_EMPTY
  }

  private final Dialect dialect;

  FleetIT(Dialect dialect) {
    this.dialect = dialect;
  }

  private String shared() {
    return "cache: {redis: {url: '%s', timeout: 3s, connectTimeout: 3s, lease: %dms}, flights: {tail: 30s}}"
        .formatted(redis.url(), LEASE.toMillis());
  }

  @AfterEach
  void stop() throws Exception {
    gate.open();
    one.close();
    two.close();
    upstream.close();
    redis.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void twentyKeysAreTwentyCallsWhereverAndHoweverTheyAreAskedFor(long seed) {
    upstream.play(dialect::answer);
    ConcurrentCallers concurrentCallers = new ConcurrentCallers(dialect, one, two);
    concurrentCallers.awaitAgreement();
    int before = upstream.calls();

    assertThat(concurrentCallers.askForTwentyThings(seed)).containsOnly(Dialect.TEXT);
    assertThat(upstream.calls() - before).as(concurrentCallers.outcomes()).isEqualTo(20);
  }

  @Test
  void whoJoinsAtHalfOnAnotherReplicaIsServedAtOnceAndEndsWithTheSameText() throws Exception {
    upstream.play(this::second);
    two.postTo(dialect.path(), dialect.streaming("warm"));
    one.postTo(dialect.path(), dialect.streaming("up"));
    upstream.play(this::pausingAtHalf);
    List<Long> waits = new ArrayList<>();
    List<Joined> pairs = new ArrayList<>();
    try {
      for (int i = 0; i < PAIRS; i++) {
        pairs.add(join("x" + i, waits));
      }
      assertThat(waits.stream().sorted().toList().get(PAIRS / 2)).isLessThan(1_000);
      gate.open();
      for (Joined pair : pairs) {
        assertEnded(Events.of(pair.led + pair.first.text()));
        assertEnded(Events.of(pair.followed + pair.second.text()));
      }
      assertThat(upstream.calls()).isEqualTo(2 + PAIRS);
    } finally {
      for (Joined pair : pairs) {
        pair.leader.close();
        pair.joiner.close();
      }
    }
  }

  /** Two callers of one question on two replicas, both at half of the answer. */
  private record Joined(
      RawClient leader,
      RawClient.Answer first,
      String led,
      RawClient joiner,
      RawClient.Answer second,
      String followed) {}

  private Joined join(String question, List<Long> waits) throws Exception {
    RawClient leader = new RawClient(one.port());
    RawClient joiner = new RawClient(two.port());
    RawClient.Answer first = leader.postTo(dialect.path(), dialect.streaming(question)).answer();
    String led = first.until(" 29\"");
    long asked = System.nanoTime();
    RawClient.Answer second = joiner.postTo(dialect.path(), dialect.streaming(question)).answer();
    String followed = second.until("\n\n");
    waits.add((System.nanoTime() - asked) / 1_000_000);
    assertThat(second.head().first("Cache-Status").orElseThrow()).contains("collapsed");
    return new Joined(leader, first, led, joiner, second, followed + second.until(" 29\""));
  }

  @Test
  void aPlainCallerOnAnotherReplicaGetsWhatTheStreamComesTo() throws Exception {
    upstream.play(this::pausingAtHalf);
    try (RawClient leader = new RawClient(one.port());
        RawClient joiner = new RawClient(two.port())) {
      RawClient.Answer first = leader.postTo(dialect.path(), dialect.streaming("x")).answer();
      first.until(" 29\"");
      joiner.postTo(dialect.path(), dialect.asking("x"));
      gate.open();
      assertThat(dialect.text(joiner.answer().text())).isEqualTo(TEXT);
      assertThat(upstream.calls()).isEqualTo(1);
    }
  }

  @Test
  void aRefusalIsToldToAllAndKeptFromNobodyLater() throws Exception {
    upstream.play(
        Script.silence()
            .pause(gate)
            .then(Script.answer(429, "{\"error\":{}}", "Content-Type: application/json")));
    try (RawClient leader = new RawClient(one.port());
        RawClient joiner = new RawClient(two.port())) {
      leader.postTo(dialect.path(), dialect.asking("x"));
      gate.awaitReached();
      joiner.postTo(dialect.path(), dialect.streaming("x"));
      await().until(() -> two.manage("/metrics").body().contains("refrain_flights 1.0"));
      gate.open();
      assertThat(leader.answer().status()).isEqualTo(429);
      assertThat(joiner.answer().status()).isEqualTo(429);
    }
    upstream.play(this::second);
    assertThat(dialect.text(two.postTo(dialect.path(), dialect.asking("x")).body()))
        .isEqualTo(TEXT);
  }

  /** One more replica, that has agreed with the others once; from then on calls are counted. */
  private ForkedProxy third() throws Exception {
    upstream.play(this::second);
    ForkedProxy third = new ForkedProxy(upstream, shared(), List.of("-Xmx256m"));
    try (RawClient client = new RawClient(third.port())) {
      AtomicInteger asked = new AtomicInteger();
      await()
          .until(
              () -> {
                client
                    .postTo(dialect.path(), dialect.asking("warm " + asked.incrementAndGet()))
                    .answer()
                    .text();
                return third.metric("refrain_fleet_total{outcome=\"led\"") > 0;
              });
    }
    upstream.play(this::pausingAtHalf);
    before = upstream.calls();
    return third;
  }

  @Test
  void aKilledLeaderIsReplacedWithoutATextMissingOrDoubled() throws Exception {
    try (ForkedProxy third = third();
        RawClient leader = new RawClient(third.port());
        RawClient streaming = new RawClient(one.port());
        RawClient plain = new RawClient(one.port());
        RawClient elsewhere = new RawClient(two.port())) {
      leader.postTo(dialect.path(), dialect.streaming("x")).answer().until(" 29\"");
      RawClient.Answer first = streaming.postTo(dialect.path(), dialect.streaming("x")).answer();
      String begun = first.until(" 29\"");
      plain.postTo(dialect.path(), dialect.asking("x"));
      RawClient.Answer second = elsewhere.postTo(dialect.path(), dialect.streaming("x")).answer();
      String other = second.until(" 29\"");
      assertThat(upstream.calls() - before).isEqualTo(1);
      upstream.play(this::second);

      long killed = System.nanoTime();
      third.kill();
      begun += first.until(" 31\"");
      long millis = (System.nanoTime() - killed) / 1_000_000;
      assertThat(millis).isLessThan(LEASE.toMillis() + 5_000);
      assertEnded(Events.of(begun + first.text()));
      assertEnded(Events.of(other + second.text()));
      assertThat(dialect.text(plain.answer().text())).isEqualTo(TEXT);
      assertThat(upstream.calls() - before).isEqualTo(2);
    }
  }

  @Test
  void anAnswerMadeAnewThatBeginsOtherwiseIsAnErrorAndNotASecondText() throws Exception {
    try (ForkedProxy third = third();
        RawClient leader = new RawClient(third.port());
        RawClient joiner = new RawClient(two.port())) {
      leader.postTo(dialect.path(), dialect.streaming("x")).answer().until(" 29\"");
      RawClient.Answer answer = joiner.postTo(dialect.path(), dialect.streaming("x")).answer();
      String begun = answer.until(" 29\"");
      upstream.play(request -> stream(request, 20, i -> " other " + i));
      third.kill();

      Events events = Events.of(begun + answer.whatCame());
      assertThat(events.text(0)).isEqualTo(text(0, 30));
      assertThat(events.errors()).hasSize(1);
      assertThat(events.terminators()).isZero();
    }
  }

  @Test
  void aLeaderWhoseCallersAllLeaveHandsOverAtOnce() throws Exception {
    upstream.play(this::pausingAtHalf);
    try (RawClient joiner = new RawClient(two.port())) {
      RawClient leader = new RawClient(one.port());
      leader.postTo(dialect.path(), dialect.streaming("x")).answer().until(" 29\"");
      RawClient.Answer answer = joiner.postTo(dialect.path(), dialect.streaming("x")).answer();
      String begun = answer.until(" 29\"");
      upstream.play(this::second);
      long left = System.nanoTime();
      leader.close();
      assertEnded(Events.of(begun + answer.text()));
      assertThat(Duration.ofNanos(System.nanoTime() - left)).isLessThan(LEASE);
      assertThat(upstream.calls()).isEqualTo(2);
    }
  }

  @Test
  void callersWhoAllLeaveAtTheLastFinishReasonCostNoReplicaTheEntry() throws Exception {
    upstream.play(
        Script.events()
            .data(dialect.chunk(TEXT, "length"))
            .pause(gate)
            .data(dialect.usage())
            .done());
    String streaming =
        dialect
            .streaming("x")
            .replace(
                "\"stream\":true", "\"stream\":true,\"stream_options\":{\"include_usage\":true}");
    RawClient leader = new RawClient(one.port());
    leader.postTo(dialect.path(), streaming).answer().until("\"length\"");
    RawClient joiner = new RawClient(two.port());
    joiner.postTo(dialect.path(), streaming).answer().until("\"length\"");

    leader.close();
    joiner.close();
    awaitLeft(one);
    awaitLeft(two);
    gate.open();

    for (Proxy replica : List.of(one, two)) {
      await().until(() -> replica.manage("/metrics").body().contains("refrain_flights 0.0"));
      HttpResponse<String> answer = replica.postTo(dialect.path(), dialect.asking("x"));
      assertThat(dialect.text(answer.body())).isEqualTo(TEXT);
      assertThat(answer.headers().firstValue("Cache-Status").orElseThrow())
          .contains("hit")
          .contains("detail=memory");
    }
    assertThat(upstream.calls()).isEqualTo(1);
  }

  private static void awaitLeft(Proxy replica) {
    await().until(() -> replica.manage("/metrics").body().contains("status=\"499\""));
  }

  @ParameterizedTest
  @EnumSource(Trouble.class)
  void whateverHappensToRedisEverybodyIsAnsweredCorrectly(Trouble trouble) throws Exception {
    upstream.play(this::pausingAtHalf);
    try (RawClient leader = new RawClient(one.port());
        RawClient joiner = new RawClient(two.port());
        RawClient plain = new RawClient(two.port());
        RawClient late = new RawClient(two.port())) {
      RawClient.Answer first = leader.postTo(dialect.path(), dialect.streaming("x")).answer();
      String begun = first.until(" 29\"");
      RawClient.Answer second = joiner.postTo(dialect.path(), dialect.streaming("x")).answer();
      String joined = second.until(" 29\"");
      plain.postTo(dialect.path(), dialect.asking("x"));
      upstream.play(this::second);
      make(trouble);
      late.postTo(dialect.path(), dialect.asking("y"));

      assertEnded(Events.of(joined + second.text()));
      assertThat(dialect.text(plain.answer().text())).isEqualTo(TEXT);
      assertThat(dialect.text(late.answer().text())).isEqualTo(TEXT);
      gate.open();
      assertEnded(Events.of(begun + first.text()));
      assertThat(upstream.calls()).isBetween(3, 4);
    } finally {
      if (trouble == Trouble.FROZEN) {
        redis.thaw();
      }
    }
    assertThat(one.manage("/metrics").body()).contains("refrain_flights 0.0");
    assertThat(two.manage("/metrics").body()).contains("refrain_flights 0.0");
  }

  private void make(Trouble trouble) {
    switch (trouble) {
      case KILLED -> redis.kill();
      case FROZEN -> redis.freeze();
      case RESTARTED_EMPTY -> {
        redis.kill();
        redis.start();
      }
    }
  }

  private static void assertEnded(Events events) {
    assertThat(events.text(0)).isEqualTo(TEXT);
    assertThat(events.properlyEnded()).isTrue();
    assertThat(events.errors()).isEmpty();
  }

  private Script pausingAtHalf(Received request) {
    Script script = Script.events();
    for (int i = 0; i < TOKENS / 2; i++) {
      script = script.data(dialect.chunk(" " + i, null));
    }
    script = script.pause(gate);
    for (int i = TOKENS / 2; i < TOKENS; i++) {
      script = script.data(dialect.chunk(" " + i, i == TOKENS - 1 ? "length" : null));
    }
    return script.data(dialect.usage()).done();
  }

  /** The same text, cut otherwise, or plain. */
  private Script second(Received request) {
    if (!request.wantsStream()) {
      return Script.json(dialect.document(TEXT));
    }
    return stream(request, TOKENS / 4, i -> text(4 * i, 4 * i + 4));
  }

  private Script stream(Received request, int chunks, IntFunction<String> text) {
    Script script = Script.events();
    for (int i = 0; i < chunks; i++) {
      script = script.data(dialect.chunk(text.apply(i), i == chunks - 1 ? "length" : null));
    }
    return (request.wantsUsage() ? script.data(dialect.usage()) : script).done();
  }

  private static String text(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(' ').append(i);
    }
    return text.toString();
  }
}
