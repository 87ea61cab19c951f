package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.cache.FleetClock;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two replicas, one of which has a clock that is minutes off. What is purged nobody serves. */
class ClockTest {
  private static final Duration LONG = Duration.ofSeconds(15);

  private final RedisFixture redis = new RedisFixture();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(answer("old"));
  private Proxy purging;
  private Proxy other;

  @AfterEach
  void stop() throws Exception {
    purging.close();
    other.close();
    upstream.close();
    redis.close();
  }

  private static Script answer(String text) {
    return Script.json(Examples.ANSWER.replace("\\n\\nThis is indeed a test", text));
  }

  private void start(int purgingAhead, int otherAhead) {
    String shared = "cache: {redis: {timeout: 2s, url: '%s'}}".formatted(redis.url());
    purging = Proxy.before(upstream, shared, Duration.ofMinutes(purgingAhead));
    other = Proxy.before(upstream, shared, Duration.ofMinutes(otherAhead));
  }

  @ParameterizedTest(name = "clocks {0} and {1} minutes ahead")
  @CsvSource({"-10,0", "10,0", "0,-10", "0,10"})
  void whatIsPurgedIsServedByNeither(int purgingAhead, int otherAhead) {
    start(purgingAhead, otherAhead);
    await().atMost(LONG).until(() -> isHit(purging, "x") && isHit(other, "x"));
    upstream.play(answer("new"));
    await().atMost(LONG).until(() -> purge().contains("everywhere"));

    assertThat(text(purging, "x")).isEqualTo("new");
    await().atMost(LONG).until(() -> text(other, "x").equals("new"));
    for (int i = 0; i < 3; i++) {
      assertThat(text(purging, "x")).isEqualTo("new");
      assertThat(text(other, "x")).isEqualTo("new");
    }
    await().atMost(LONG).until(() -> isHit(purging, "x") && isHit(other, "x"));
    assertThat(text(other, "x")).isEqualTo("new");
  }

  @ParameterizedTest(name = "clocks {0} and {1} minutes ahead")
  @CsvSource({"-10,0", "10,0", "0,-10", "0,10"})
  void aCallBegunBeforeThePurgeIsJoinedAtNeither(int purgingAhead, int otherAhead)
      throws Exception {
    start(purgingAhead, otherAhead);
    await().atMost(LONG).until(() -> isHit(purging, "seen") && isHit(other, "seen"));
    int calls = upstream.calls();
    Gate before = new Gate();
    upstream.play(request -> Script.silence().pause(before).then(answer("old")));
    try (RawClient early = purging.connect();
        RawClient earlyElsewhere = other.connect();
        RawClient late = purging.connect();
        RawClient lateElsewhere = other.connect()) {
      early.post(Examples.asking("a"));
      earlyElsewhere.post(Examples.asking("b"));
      upstream.awaitCalls(calls + 2);
      await()
          .atMost(LONG)
          .pollDelay(FleetClock.TOLERANCE.plusMillis(100)) // the clocks agree no better
          .until(() -> purge().contains("everywhere"));
      upstream.play(answer("new"));
      await().atMost(LONG).until(() -> !isKnown(purging, "seen") && !isKnown(other, "seen"));
      late.post(Examples.asking("a"));
      lateElsewhere.post(Examples.asking("b"));
      assertThat(Examples.text(late.answer().text())).isEqualTo("new");
      assertThat(Examples.text(lateElsewhere.answer().text())).isEqualTo("new");
      before.open();
      assertThat(Examples.text(early.answer().text())).isEqualTo("old");
      assertThat(Examples.text(earlyElsewhere.answer().text())).isEqualTo("old");
    }
    for (String prompt : new String[] {"a", "b"}) {
      assertThat(text(purging, prompt)).as(prompt).isEqualTo("new");
      assertThat(text(other, prompt)).as(prompt).isEqualTo("new");
    }
  }

  private String purge() {
    return purging
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + purging.managementPort() + "/cache/purge"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"all\":true}"))
                .build())
        .body();
  }

  private static boolean isHit(Proxy proxy, String prompt) {
    return status(proxy, prompt).startsWith("refrain; hit");
  }

  private static boolean isKnown(Proxy proxy, String prompt) {
    return proxy.post(Examples.asking(prompt), "Cache-Control", "only-if-cached").statusCode()
        == 200;
  }

  private static String status(Proxy proxy, String prompt) {
    return proxy.post(Examples.asking(prompt)).headers().firstValue("Cache-Status").orElse("");
  }

  private static String text(Proxy proxy, String prompt) {
    return Examples.text(proxy.post(Examples.asking(prompt)).body());
  }
}
