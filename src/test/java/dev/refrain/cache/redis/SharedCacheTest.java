package dev.refrain.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Directives;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Observer.Lookup;
import dev.refrain.completion.Provenance;
import dev.refrain.completion.Purge;
import dev.refrain.completion.Sharing;
import dev.refrain.completion.Source;
import dev.refrain.completion.Whole;
import dev.refrain.testing.RedisFixture;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharedCacheTest {
  private static final Fingerprint ONE = Entries.fingerprint(1);
  private static final EntryCodec CODEC = new EntryCodec(10_000);

  private static RedisFixture redis;
  private Stage stage;

  @BeforeAll
  static void startRedis() {
    redis = new RedisFixture();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void start() {
    redis.command(Request.cmd(Command.FLUSHALL));
    stage = new Stage(Stage.settings(redis.url())).awaitUp();
  }

  @AfterEach
  void stop() {
    stage.close();
  }

  @Test
  void whatOneReplicaWasAnsweredAnotherIsToo() {
    assertThat(stage.ask(Entries.request(ONE)).body()).hasToString("fresh");
    await().until(() -> redis.keys() == 1);
    try (Stage other = new Stage(Stage.settings(redis.url())).awaitUp()) {
      Whole hit = other.ask(Entries.request(ONE));
      assertThat(hit.body()).hasToString("WHOLE:fresh");
      assertThat(hit.provenance().source()).isEqualTo(Source.REDIS);
      assertThat(hit.provenance().expiresAt() - hit.provenance().storedAt()).isEqualTo(100_000);
      assertThat(hit.head().headers().get("openai-model")).isEqualTo("m-1");
      assertThat(hit.entry().result().fingerprint()).isEqualTo(ONE);
      assertThat(other.next.calls).hasValue(0);
      assertThat(other.ear.lookups).containsExactly(Lookup.HIT);
    }
    assertThat(stage.ear.lookups).containsExactly(Lookup.MISS);
    assertThat(stage.ear.stored).hasValue(1);
  }

  @Test
  void theContentTypeIsTheKeptOneUnlessAnotherFramingIsAskedFor() {
    put(ONE, Entries.entry(ONE, "x"));
    Sharing sharing = new Sharing.Shareable(ONE, 5);
    Whole stream = stage.ask(Entries.request(sharing, Framing.STREAM, Directives.NONE));
    assertThat(stream.head().contentType()).isEqualTo("text/event-stream");
    assertThat(stream.body()).hasToString("STREAM:x");
    Whole whole = stage.ask(Entries.request(sharing, Framing.WHOLE, Directives.NONE));
    assertThat(whole.head().contentType()).isEqualTo("application/json; charset=utf-8");
  }

  @Test
  void whatMayNotBeSharedGoesPast() {
    Sharing alone = new Sharing.Alone(Sharing.Reason.SAMPLED);
    stage.ask(Entries.request(alone, Framing.WHOLE, Directives.NONE));
    assertThat(stage.next.calls).hasValue(1);
    assertThat(stage.ear.lookups).isEmpty();
    assertThat(redis.keys()).isZero();
  }

  @Test
  void noCacheAsksAnewAndKeepsTheNewAnswer() {
    stage.store(ONE);
    stage.next.body = "newer";
    CompletionRequest anew =
        Entries.request(
            new Sharing.Shareable(ONE, 5),
            Framing.WHOLE,
            new Directives(true, Long.MAX_VALUE, false));
    assertThat(stage.ask(anew).body()).hasToString("newer");
    await().until(() -> stage.ask(Entries.request(ONE)).body().toString().equals("WHOLE:newer"));
  }

  @Test
  void anAnswerOlderThanTheCallerAcceptsIsAMiss() {
    put(ONE, Entries.entry(ONE, Buffer.buffer("x"), System.currentTimeMillis() - 60_000));
    Sharing sharing = new Sharing.Shareable(ONE, 5);
    Directives minutes = new Directives(false, 120, false);
    Directives seconds = new Directives(false, 10, false);
    assertThat(source(Entries.request(sharing, Framing.WHOLE, minutes))).isEqualTo(Source.REDIS);
    assertThat(source(Entries.request(sharing, Framing.WHOLE, seconds))).isEqualTo(Source.UPSTREAM);
    assertThat(stage.ear.lookups).containsExactly(Lookup.HIT, Lookup.MISS);
  }

  @Test
  void anAnswerPastItsTimeIsAMissEvenIfRedisStillHasIt() {
    put(ONE, Entries.entry(ONE, Buffer.buffer("x"), System.currentTimeMillis() - 100_001));
    assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(stage.ear.lookups).containsExactly(Lookup.MISS);
  }

  @Test
  void anAnswerThatWasPurgedIsAMissAndIsNotWrittenAgain() {
    put(ONE, Entries.entry(ONE, "x"));
    stage.epochs.add(new Purge.OfFingerprint(ONE), System.currentTimeMillis() + 60_000);
    assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(stage.ear.lookups).containsExactly(Lookup.MISS);
    assertThat(stage.ear.stored).hasValue(0);
  }

  @Test
  void nothingIsServedBeforeThePurgesOfOthersAreKnown() {
    put(ONE, Entries.entry(ONE, "x"));
    stage.epochs.complete(false);
    assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
  }

  @Test
  void anEntryThatCannotBeRenderedForThisCallerIsAMiss() {
    put(ONE, Entries.entry(ONE, "unusable"));
    assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(stage.ear.lookups).containsExactly(Lookup.MISS);
  }

  @Test
  void anEntryThatBreaksTheRendererIsAnErrorAndTheRequestGoesOn() {
    put(ONE, Entries.entry(ONE, "broken"));
    assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(stage.ear.lookups).containsExactly(Lookup.ERROR);
  }

  @Test
  void garbageUnderTheKeyIsReplacedByTheNextAnswer() {
    stage.store(ONE);
    redis.garble("garbage".getBytes());
    stage.ear.lookups.clear();
    assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(stage.ear.lookups).containsExactly(Lookup.ERROR);
    stage.store(ONE);
  }

  @Test
  void theAnswerToAnotherRequestUnderTheRightKeyIsNeverServed() {
    put(ONE, Entries.entry(Entries.fingerprint(2), "somebody else's"));
    assertThat(stage.ask(Entries.request(ONE)).body()).hasToString("fresh");
    assertThat(stage.ear.lookups).containsExactly(Lookup.ERROR);
  }

  @Test
  void anEnormousForeignValueIsReadOnlyUpToTheLimit() {
    redis.command(Request.cmd(Command.SETRANGE).arg(Stage.key(ONE)).arg(50 << 20).arg("x"));
    long before = bytesSent();
    assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(stage.ear.lookups).containsExactly(Lookup.ERROR);
    assertThat(bytesSent() - before).isBetween(10_000L, 100_000L);
  }

  @Test
  void aValueOfAnotherTypeIsAnErrorButNoReasonToGiveRedisUp() {
    redis.command(Request.cmd(Command.LPUSH).arg(Stage.key(ONE)).arg("x"));
    stage.next.failure = Failure.of(Failure.Kind.UPSTREAM_UNREACHABLE, "gone");
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> stage.askSource(ONE)).isInstanceOf(Failure.class);
    }
    assertThat(stage.ear.lookups).hasSize(20).containsOnly(Lookup.ERROR);
    assertThat(stage.ear.states).containsExactly(true);
  }

  @Test
  void anEntryOverTheLimitIsNotWritten() {
    stage.next.body = "x".repeat(10_000);
    stage.askSource(ONE);
    stage.next.body = "fits";
    stage.store(Entries.fingerprint(2));
    assertThat(redis.keys()).isEqualTo(1);
    assertThat(stage.ear.dropped).hasValue(0);
  }

  @Test
  void keysLiveForTheTimeSetShortenedByChanceWithinTheShareAllowed() {
    long began = System.currentTimeMillis();
    store(100);
    List<Long> lives =
        LongStream.range(0, 100)
            .mapToObj(n -> Request.cmd(Command.PTTL).arg(Stage.key(Entries.fingerprint(n))))
            .map(pttl -> redis.command(pttl).toLong())
            .toList();
    long took = System.currentTimeMillis() - began;
    assertThat(lives).allMatch(life -> life >= 80_000 - took && life <= 100_000);
    assertThat(Collections.max(lives) - Collections.min(lives)).isGreaterThan(10_000 + took);
  }

  @Test
  void twoThousandLookUpsAtOnceOnOneLoopAreAllHits() {
    store(20);
    List<CompletionRequest> requests =
        LongStream.range(0, 2_000)
            .mapToObj(n -> Entries.request(Entries.fingerprint(n % 20)))
            .toList();
    stage.begin(requests).forEach(Stage::join);
    assertThat(stage.ear.lookups).hasSize(2_000).containsOnly(Lookup.HIT);
  }

  @Test
  void aFailureOfTheNextStageIsPassedOn() {
    stage.next.failure = Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, "slow");
    assertThatThrownBy(() -> stage.askSource(ONE)).isSameAs(stage.next.failure);
    assertThat(redis.keys()).isZero();
  }

  @Test
  void aRequestAlreadyCancelledAsksNobody() {
    CompletionRequest request = Entries.request(ONE);
    request.cancellation().cancel();
    assertThatThrownBy(() -> stage.ask(request)).isInstanceOf(Failure.class);
    assertThat(stage.next.calls).hasValue(0);
  }

  @Test
  void closingWaitsForTheWritesUnderWay() {
    stage.onLoop(
        () -> {
          List<CompletionRequest> many =
              LongStream.range(0, 100).mapToObj(n -> noCache(Entries.fingerprint(n))).toList();
          many.forEach(stage.cache::complete);
          return stage.shut();
        });
    assertThat(redis.keys()).isEqualTo(100);
    assertThat(stage.ear.stored).hasValue(100);
    assertThat(stage.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(stage.ear.dropped).hasValue(1);
  }

  /** Stores the answers to the first {@code count} fingerprints. */
  private void store(int count) {
    stage
        .begin(LongStream.range(0, count).mapToObj(n -> noCache(Entries.fingerprint(n))).toList())
        .forEach(Stage::join);
    await().until(() -> stage.ear.stored.get() == count);
  }

  private static long bytesSent() {
    String stats = redis.command(Request.cmd(Command.INFO).arg("stats")).toString();
    return Long.parseLong(stats.replaceAll("(?s).*total_net_output_bytes:(\\d+).*", "$1"));
  }

  private static CompletionRequest noCache(Fingerprint fingerprint) {
    return Entries.request(
        new Sharing.Shareable(fingerprint, 5),
        Framing.WHOLE,
        new Directives(true, Long.MAX_VALUE, false));
  }

  private Source source(CompletionRequest request) {
    Provenance provenance = stage.ask(request).provenance();
    return provenance.source();
  }

  private static void put(Fingerprint under, Entry entry) {
    byte[] value = CODEC.encode(entry).orElseThrow();
    redis.command(Request.cmd(Command.SET).arg(Stage.key(under)).arg(value));
  }
}
