package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.ForkedProxy;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two choices of each of a thousand prompts, before a proxy with a small heap. A document is held
 * as often as twice: as its parts, which have at most {@code limits.answer} bytes together, and as
 * what is made of them. Of a stream there are as many parts as may be under way at once.
 */
class ThousandPromptsIT {
  private static final int PROMPTS = 1000;
  private static final int AT_ONCE = 16; // fanout.concurrency
  private static final int LONG = 2 << 10; // so that the memory cache holds all, in both framings
  private static final int LONGEST = 9 << 10; // for 2000 to be gathered
  private static final int TOO_LONG = 12 << 10;
  // Several prompts whose answers are not stored would be one call.
  private static final String FORCE = "X-Refrain-Cache: force";
  private static final long MIB = 1 << 20;
  private static final long GATHERED = 20 * MIB; // limits.answer
  private static final long KEPT = 96 * MIB; // cache.memory.size, room for all
  private static final long PROGRAM = 48 * MIB;

  private static final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private static ForkedProxy proxy; // one for all: a JVM of its own for each would do but warm up

  @BeforeAll
  static void start() throws Exception {
    proxy =
        new ForkedProxy(
            upstream,
            "limits: {answer: 20MiB}\ncache: {memory: {size: 96MiB}}",
            List.of(
                "-Xmx256m",
                "-XX:MaxDirectMemorySize=96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Dio.netty.allocator.type=pooled"));
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest(name = "stream: {0}, sampled: {1}")
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void areAskedForSixteenAtATimeAndThenNeverAgain(boolean stream, boolean sampled)
      throws Exception {
    String name = "known %b %b".formatted(stream, sampled);
    int before = upstream.calls();
    int calls = sampled ? 2 * PROMPTS : PROMPTS;
    Gate gate = new Gate();
    SizedStreamUpstream sizedStreamUpstream = SizedStreamUpstream.waiting(gate);
    upstream.play(sizedStreamUpstream);
    try (RawClient client = new RawClient(proxy.port())) {
      client.post(body(name, LONG, stream, sampled), FORCE);
      upstream.awaitCalls(before + AT_ONCE);
      await().until(() -> proxy.metric("refrain_fanout_waiting ") == calls - AT_ONCE);
      assertThat(upstream.calls() - before).isEqualTo(AT_ONCE);
      gate.open();
      assertThat(texts(client.answer())).isEqualTo(expected(name, sampled));
      assertThat(upstream.calls() - before).isEqualTo(calls);
      assertThat(sizedStreamUpstream.mostAtOnce()).isEqualTo(AT_ONCE);

      for (boolean framing : new boolean[] {stream, !stream}) {
        client.post(body(name, LONG, framing, sampled), FORCE);
        assertThat(texts(client.answer())).isEqualTo(expected(name, sampled));
      }
      assertThat(upstream.calls() - before).as("paid once").isEqualTo(calls);
    }
    allIsQuiet();
  }

  @Test
  void aMergedDocumentThatStandsUnreadCostsItsPartsAndItself() throws Exception {
    upstream.play(SizedStreamUpstream.ready());
    try (RawClient client = new RawClient(proxy.port(), 1 << 14)) {
      client.post(body("unread", LONGEST, false, true), FORCE).head();
      assertThat(proxy.liveHeap()).isLessThan(KEPT + 2 * GATHERED + PROGRAM);
    }
    allIsQuiet();
  }

  @Test
  void whatIsTooMuchToBeGatheredIsRefusedAndCanBeStreamed() throws Exception {
    upstream.play(SizedStreamUpstream.ready());
    int before = upstream.calls();
    try (RawClient client = new RawClient(proxy.port())) {
      RawClient.Answer refused = client.post(body("much", TOO_LONG, false, true), FORCE).answer();
      assertThat(refused.status()).isEqualTo(502);
      assertThat(Json.read(refused.text()).at("/error/message").asText()).contains("together");
      assertThat(upstream.calls() - before).isBetween(AT_ONCE, 2 * PROMPTS - 1);
      allIsQuiet();
      client.post(body("much", TOO_LONG, true, true), FORCE);
      assertThat(texts(client.answer())).allMatch(text -> text.length() == TOO_LONG);
    }
    allIsQuiet();
  }

  @ParameterizedTest(name = "stream: {0}, sampled: {1}")
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void whoLeavesEndsEveryCallWithinASecond(boolean stream, boolean sampled) throws Exception {
    await().until(() -> upstream.openConnections() == 0); // those of others, no longer kept alive
    List<Duration> took = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      int before = upstream.calls();
      Gate never = new Gate();
      upstream.play(SizedStreamUpstream.waiting(never));
      try (RawClient client = new RawClient(proxy.port())) {
        client.post(body("left %b".formatted(stream), LONG, stream, sampled), FORCE);
        upstream.awaitCalls(before + AT_ONCE);
        if (stream) {
          client.answer().until("\n\n");
        }
        assertThat(upstream.openConnections()).isEqualTo(AT_ONCE);
        long begin = System.nanoTime();
        client.abort();
        await().pollInterval(Duration.ofMillis(10)).until(() -> upstream.openConnections() == 0);
        took.add(Duration.ofNanos(System.nanoTime() - begin));
      }
      allIsQuiet();
      assertThat(upstream.calls() - before).as("none was begun since").isEqualTo(AT_ONCE);
      never.open();
    }
    // the best of them, for a busy machine may hold up any
    assertThat(Collections.min(took)).isLessThan(Duration.ofSeconds(1));
  }

  private static void allIsQuiet() {
    for (String name :
        List.of(
            "refrain_fanout_waiting ", "refrain_flights ", "refrain_upstream_calls_in_flight ")) {
      await().alias(name).until(() -> proxy.metric(name) == 0);
    }
  }

  private static String prompt(String name, int number, int length) {
    return "%s %d, of %d".formatted(name, number, length);
  }

  private static String body(String name, int length, boolean stream, boolean sampled) {
    String prompts =
        IntStream.range(0, PROMPTS)
            .mapToObj(i -> "\"" + prompt(name, i, length) + "\"")
            .collect(Collectors.joining(","));
    return "{\"model\":\"m\",\"prompt\":[%s],\"n\":2,\"temperature\":%d,\"seed\":5,\"stream\":%b}"
        .formatted(prompts, sampled ? 1 : 0, stream);
  }

  private static List<String> expected(String name, boolean sampled) {
    return IntStream.range(0, 2 * PROMPTS)
        .mapToObj(i -> SizedStreamUpstream.text(prompt(name, i / 2, LONG), sampled ? 5 + i % 2 : 5))
        .toList();
  }

  /** The texts of an answer, in the order of their indexes. */
  private static List<String> texts(RawClient.Answer answer) throws Exception {
    assertThat(answer.status()).isEqualTo(200);
    StringBuilder[] texts = new StringBuilder[2 * PROMPTS];
    String body = answer.text();
    if (body.startsWith("data:")) {
      assertThat(body).endsWith("data: [DONE]\n\n");
      body.lines()
          .filter(line -> line.startsWith("data: {"))
          .forEach(line -> add(texts, line.substring("data: ".length())));
    } else {
      add(texts, body);
    }
    return IntStream.range(0, texts.length).mapToObj(i -> String.valueOf(texts[i])).toList();
  }

  private static void add(StringBuilder[] texts, String json) {
    for (JsonNode choice : Json.read(json).path("choices")) {
      int index = choice.path("index").asInt(-1);
      texts[index] = texts[index] == null ? new StringBuilder() : texts[index];
      texts[index].append(choice.path("text").asText());
    }
  }
}
