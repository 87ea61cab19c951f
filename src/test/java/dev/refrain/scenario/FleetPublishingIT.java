package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Events;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What sharing a call costs Redis, counted: telling it, following it, and keeping its answer. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EMBEDDINGS")
class FleetPublishingIT {
  private static final int CHUNKS = 60;
  private static final int HALF = CHUNKS / 2;

  /** After so many chunks a leader has noticed who follows. */
  private static final int NOTICED = 3;

  /** A leader tells so often while nobody follows, in milliseconds. */
  private static final long MOMENT = 200;

  /** Begin and first chunk, last chunks, and the end. */
  private static final int ITEMS = 4;

  /** Asked in every claim, and in nothing else. */
  private static final String CLAIM = "hget";

  private final Dialect dialect;
  private final RedisFixture redis = new RedisFixture();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(this::answer);
  private final Gate[] gates = Stream.generate(Gate::new).limit(CHUNKS).toArray(Gate[]::new);
  private final Proxy one = proxy();
  private final Proxy two = proxy();
  private final Proxy three = proxy();
  private final List<Proxy> all = List.of(one, two, three);
  private Map<String, Integer> before;
  private int calls;

  FleetPublishingIT(Dialect dialect) {
    this.dialect = dialect;
  }

  private Script answer(Received request) {
    return dialect.answer(request);
  }

  private Proxy proxy() {
    String cache = "cache: {redis: {url: '%s', timeout: 5s, connectTimeout: 5s, lease: 60s}}";
    return Proxy.before(upstream.url(), "", cache.formatted(redis.url()), "eventLoops: 1");
  }

  /** From then on calls are agreed on, and counted. */
  @BeforeEach
  void agree() {
    AtomicInteger asked = new AtomicInteger();
    for (Proxy proxy : all) {
      await()
          .until(
              () -> {
                proxy.postTo(dialect.path(), dialect.asking("warm " + asked.incrementAndGet()));
                return metric(proxy, "refrain_fleet_total{outcome=\"led\"}") > 0;
              });
    }
    settle();
    before = redis.calls();
    calls = upstream.calls();
    upstream.play(paced());
  }

  @AfterEach
  void stop() throws Exception {
    openAll();
    all.forEach(Proxy::close);
    upstream.close();
    redis.close();
  }

  @Test
  void aStreamNobodyFollowsIsToldNoMoreThanOnceAMoment() throws Exception {
    try (RawClient client = one.connect()) {
      long begin = System.nanoTime();
      RawClient.Answer answer = client.postTo(dialect.path(), dialect.streaming("x")).answer();
      pass(0, CHUNKS, answer);
      answer.text();
      settle();
      long moments = (System.nanoTime() - begin) / 1_000_000 / MOMENT;

      assertThat(asked("xadd")).isBetween(1, ITEMS + (int) moments);
      // A claim, and two items in the last of what is told, unless nothing was left to tell.
      assertThat(asked("eval") - asked("xadd")).isBetween(0, 1);
      assertThat(asked("set")).isEqualTo(1);
    }
  }

  @Test
  void whoJoinsInTheMiddleHearsEverythingAndFromThenOnEveryTurn() throws Exception {
    try (RawClient leader = one.connect();
        RawClient joiner = two.connect()) {
      RawClient.Answer first = leader.postTo(dialect.path(), dialect.streaming("x")).answer();
      String led = pass(0, HALF, first);
      RawClient.Answer second = joiner.postTo(dialect.path(), dialect.streaming("x")).answer();
      StringBuilder followed = new StringBuilder();
      for (int i = HALF; i < HALF + NOTICED; i++) {
        led += pass(i, i + 1, first);
        followed.append(second.until(word(i)));
      }
      int items = asked("xadd");
      led += pass(HALF + NOTICED, CHUNKS, first);

      assertWhole(led + first.text());
      assertWhole(followed + second.text());
      assertThat(asked("xadd") - items).isGreaterThanOrEqualTo(CHUNKS - HALF - NOTICED);
      assertThat(second.head().first("Cache-Status").orElseThrow()).contains("collapsed");
    }
  }

  @Test
  void anAnswerThatTwoReplicasFollowIsKeptInRedisOnceAndInTheMemoryOfAll() throws Exception {
    try (RawClient leader = one.connect();
        RawClient second = two.connect();
        RawClient third = three.connect()) {
      RawClient.Answer first = leader.postTo(dialect.path(), dialect.streaming("x")).answer();
      String led = pass(0, HALF, first);
      second.postTo(dialect.path(), dialect.streaming("x"));
      third.postTo(dialect.path(), dialect.asking("x"));
      await().until(() -> asked(CLAIM) == all.size());
      openAll();
      assertWhole(led + first.text());
      assertWhole(second.answer().text());
      assertThat(dialect.text(third.answer().text())).isEqualTo(text());
      settle();

      assertThat(upstream.calls() - calls).isEqualTo(1);
      assertThat(asked("set")).isEqualTo(1);
      for (Proxy proxy : all) {
        assertThat(
                proxy
                    .postTo(dialect.path(), dialect.asking("x"))
                    .headers()
                    .firstValue("Cache-Status"))
            .hasValueSatisfying(status -> assertThat(status).contains("detail=memory"));
      }
    }
  }

  @Test
  void whoTakesOverKeepsTheAnswerAndKeepsItOnce() throws Exception {
    try (RawClient joiner = two.connect();
        RawClient other = three.connect()) {
      RawClient leader = one.connect();
      pass(0, HALF, leader.postTo(dialect.path(), dialect.streaming("x")).answer());
      RawClient.Answer second = joiner.postTo(dialect.path(), dialect.streaming("x")).answer();
      RawClient.Answer third = other.postTo(dialect.path(), dialect.streaming("x")).answer();
      String followed = second.until(word(HALF - 1));
      String heard = third.until(word(HALF - 1));
      upstream.play(unpaced());
      leader.close();
      assertWhole(followed + second.text());
      assertWhole(heard + third.text());
      settle();

      assertThat(asked("set")).isEqualTo(1);
      assertThat(
              one.postTo(dialect.path(), dialect.asking("x")).headers().firstValue("Cache-Status"))
          .hasValueSatisfying(status -> assertThat(status).contains("detail=redis"));
    }
  }

  /** Lets these chunks come, each when the one before was heard. */
  private String pass(int from, int to, RawClient.Answer answer) throws Exception {
    StringBuilder heard = new StringBuilder();
    for (int i = from; i < to; i++) {
      gates[i].open();
      heard.append(answer.until(word(i)));
    }
    return heard.toString();
  }

  private void openAll() {
    Stream.of(gates).forEach(Gate::open);
  }

  private Script paced() {
    Script script = Script.events().data(say(0));
    for (int i = 1; i < CHUNKS; i++) {
      script = script.pause(gates[i]).data(say(i));
    }
    return script.data(dialect.usage()).done();
  }

  private Script unpaced() {
    Script script = Script.events();
    for (int i = 0; i < CHUNKS; i++) {
      script = script.data(say(i));
    }
    return script.data(dialect.usage()).done();
  }

  private String say(int number) {
    return dialect.chunk(" " + number, number == CHUNKS - 1 ? "length" : null);
  }

  private static String word(int number) {
    return "\" " + number + "\"";
  }

  private static void assertWhole(String stream) {
    Events events = Events.of(stream);
    assertThat(events.text(0)).isEqualTo(text());
    assertThat(events.properlyEnded()).isTrue();
    assertThat(events.errors()).isEmpty();
  }

  private static String text() {
    StringBuilder text = new StringBuilder();
    IntStream.range(0, CHUNKS).forEach(i -> text.append(' ').append(i));
    return text.toString();
  }

  /** How often Redis was asked this since all agreed, within scripts or not. */
  private int asked(String command) {
    return redis.calls().getOrDefault(command, 0) - before.getOrDefault(command, 0);
  }

  private static double metric(Proxy proxy, String name) {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .sum();
  }

  /** Each has sent Redis what it had to: the one loop's commands go over one connection. */
  private void settle() {
    for (Proxy proxy : all) {
      String nothing = dialect.asking("nothing");
      assertThat(
              proxy.postTo(dialect.path(), nothing, "Cache-Control", "only-if-cached").statusCode())
          .isEqualTo(504);
    }
  }
}
