package dev.refrain.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.refrain.cache.Entries;
import dev.refrain.cache.EntryCodec;
import dev.refrain.inference.Directives;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Observer.Lookup;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Source;
import dev.refrain.inference.Whole;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.TestLoop;
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
  private SharedCacheFixture sharedCacheFixture;

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
    sharedCacheFixture = new SharedCacheFixture(SharedCacheFixture.settings(redis.url())).awaitUp();
  }

  @AfterEach
  void stop() {
    sharedCacheFixture.close();
  }

  @Test
  void whatOneReplicaWasAnsweredAnotherIsToo() {
    assertThat(sharedCacheFixture.ask(Entries.request(ONE)).body()).hasToString("fresh");
    await().until(() -> redis.keys() == 1);
    try (SharedCacheFixture other =
        new SharedCacheFixture(SharedCacheFixture.settings(redis.url())).awaitUp()) {
      Whole hit = other.ask(Entries.request(ONE));
      assertThat(hit.body()).hasToString("WHOLE:fresh");
      assertThat(hit.provenance().source()).isEqualTo(Source.REDIS);
      assertThat(hit.provenance().expiresAt() - hit.provenance().storedAt()).isEqualTo(100_000);
      assertThat(hit.head().headers().get("openai-model")).isEqualTo("m-1");
      assertThat(hit.entry().result().fingerprint()).isEqualTo(ONE);
      assertThat(other.next.calls).hasValue(0);
      assertThat(other.observedEvents.lookups).containsExactly(Lookup.HIT);
    }
    assertThat(sharedCacheFixture.observedEvents.lookups).containsExactly(Lookup.MISS);
    assertThat(sharedCacheFixture.observedEvents.stored).hasValue(1);
  }

  @Test
  void theContentTypeIsTheKeptOneUnlessAnotherFramingIsAskedFor() {
    put(ONE, Entries.entry(ONE, "x"));
    Sharing sharing = new Sharing.Shareable(ONE, 5);
    Whole stream =
        sharedCacheFixture.ask(Entries.request(sharing, Framing.STREAM, Directives.NONE));
    assertThat(stream.head().contentType()).isEqualTo("text/event-stream");
    assertThat(stream.body()).hasToString("STREAM:x");
    Whole whole = sharedCacheFixture.ask(Entries.request(sharing, Framing.WHOLE, Directives.NONE));
    assertThat(whole.head().contentType()).isEqualTo("application/json; charset=utf-8");
  }

  @Test
  void noCacheAsksAnewAndKeepsTheNewAnswer() {
    sharedCacheFixture.store(ONE);
    sharedCacheFixture.next.body = "newer";
    InferenceRequest anew =
        Entries.request(
            new Sharing.Shareable(ONE, 5),
            Framing.WHOLE,
            new Directives(true, Long.MAX_VALUE, false));
    assertThat(sharedCacheFixture.ask(anew).body()).hasToString("newer");
    await()
        .until(
            () ->
                sharedCacheFixture
                    .ask(Entries.request(ONE))
                    .body()
                    .toString()
                    .equals("WHOLE:newer"));
  }

  @Test
  void anAnswerOlderThanTheCallerAcceptsIsAMiss() {
    put(ONE, Entries.entry(ONE, Buffer.buffer("x"), System.currentTimeMillis() - 60_000));
    Sharing sharing = new Sharing.Shareable(ONE, 5);
    Directives minutes = new Directives(false, 120, false);
    Directives seconds = new Directives(false, 10, false);
    assertThat(source(Entries.request(sharing, Framing.WHOLE, minutes))).isEqualTo(Source.REDIS);
    assertThat(source(Entries.request(sharing, Framing.WHOLE, seconds))).isEqualTo(Source.UPSTREAM);
    assertThat(sharedCacheFixture.observedEvents.lookups).containsExactly(Lookup.HIT, Lookup.MISS);
  }

  @Test
  void anAnswerPastItsTimeIsAMissEvenIfRedisStillHasIt() {
    put(ONE, Entries.entry(ONE, Buffer.buffer("x"), System.currentTimeMillis() - 100_001));
    assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(sharedCacheFixture.observedEvents.lookups).containsExactly(Lookup.MISS);
  }

  @Test
  void anAnswerThatWasPurgedIsAMissAndIsNotWrittenAgain() {
    put(ONE, Entries.entry(ONE, "x"));
    sharedCacheFixture.purgeMarks.add(
        new Purge.OfFingerprint(ONE), System.currentTimeMillis() + 60_000);
    assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(sharedCacheFixture.observedEvents.lookups).containsExactly(Lookup.MISS);
    assertThat(sharedCacheFixture.observedEvents.stored).hasValue(0);
  }

  @Test
  void nothingIsServedBeforeThePurgesOfOthersAreKnown() {
    put(ONE, Entries.entry(ONE, "x"));
    sharedCacheFixture.purgeMarks.complete(false);
    assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
  }

  @Test
  void anEntryThatCannotBeRenderedForThisCallerIsAMiss() {
    put(ONE, Entries.entry(ONE, "unusable"));
    assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(sharedCacheFixture.observedEvents.lookups).containsExactly(Lookup.MISS);
  }

  @Test
  void anEntryThatBreaksTheRendererIsAnErrorAndTheRequestGoesOn() {
    put(ONE, Entries.entry(ONE, "broken"));
    assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(sharedCacheFixture.observedEvents.lookups).containsExactly(Lookup.ERROR);
  }

  @Test
  void garbageUnderTheKeyIsReplacedByTheNextAnswer() {
    sharedCacheFixture.store(ONE);
    redis.garble("garbage".getBytes());
    sharedCacheFixture.observedEvents.lookups.clear();
    assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(sharedCacheFixture.observedEvents.lookups).containsExactly(Lookup.ERROR);
    sharedCacheFixture.store(ONE);
  }

  @Test
  void theAnswerToAnotherRequestUnderTheRightKeyIsNeverServed() {
    put(ONE, Entries.entry(Entries.fingerprint(2), "somebody else's"));
    assertThat(sharedCacheFixture.ask(Entries.request(ONE)).body()).hasToString("fresh");
    assertThat(sharedCacheFixture.observedEvents.lookups).containsExactly(Lookup.ERROR);
  }

  @Test
  void anEnormousForeignValueIsReadOnlyUpToTheLimit() {
    redis.command(
        Request.cmd(Command.SETRANGE).arg(SharedCacheFixture.key(ONE)).arg(50 << 20).arg("x"));
    long before = bytesSent();
    assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(sharedCacheFixture.observedEvents.lookups).containsExactly(Lookup.ERROR);
    assertThat(bytesSent() - before).isBetween(10_000L, 100_000L);
  }

  @Test
  void aValueOfAnotherTypeIsAnErrorButNoReasonToGiveRedisUp() {
    redis.command(Request.cmd(Command.LPUSH).arg(SharedCacheFixture.key(ONE)).arg("x"));
    sharedCacheFixture.next.failure = Failure.of(Failure.Kind.UPSTREAM_UNREACHABLE, "gone");
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> sharedCacheFixture.askSource(ONE)).isInstanceOf(Failure.class);
    }
    assertThat(sharedCacheFixture.observedEvents.lookups).hasSize(20).containsOnly(Lookup.ERROR);
    assertThat(sharedCacheFixture.observedEvents.states).containsExactly(true);
  }

  @Test
  void anEntryOverTheLimitIsNotWritten() {
    sharedCacheFixture.next.body = "x".repeat(10_000);
    sharedCacheFixture.askSource(ONE);
    sharedCacheFixture.next.body = "fits";
    sharedCacheFixture.store(Entries.fingerprint(2));
    assertThat(redis.keys()).isEqualTo(1);
    assertThat(sharedCacheFixture.observedEvents.dropped).hasValue(0);
  }

  @Test
  void keysLiveForTheTimeSetShortenedByChanceWithinTheShareAllowed() {
    long began = System.currentTimeMillis();
    store(100);
    List<Long> lives =
        LongStream.range(0, 100)
            .mapToObj(
                n -> Request.cmd(Command.PTTL).arg(SharedCacheFixture.key(Entries.fingerprint(n))))
            .map(pttl -> redis.command(pttl).toLong())
            .toList();
    long took = System.currentTimeMillis() - began;
    assertThat(lives).allMatch(life -> life >= 80_000 - took && life <= 100_000);
    assertThat(Collections.max(lives) - Collections.min(lives)).isGreaterThan(10_000 + took);
  }

  @Test
  void twoThousandLookUpsAtOnceOnOneLoopAreAllHits() {
    store(20);
    List<InferenceRequest> requests =
        LongStream.range(0, 2_000)
            .mapToObj(n -> Entries.request(Entries.fingerprint(n % 20)))
            .toList();
    sharedCacheFixture.begin(requests).forEach(TestLoop::join);
    assertThat(sharedCacheFixture.observedEvents.lookups).hasSize(2_000).containsOnly(Lookup.HIT);
  }

  @Test
  void aFailureOfTheNextStageIsPassedOn() {
    sharedCacheFixture.next.failure = Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, "slow");
    assertThatThrownBy(() -> sharedCacheFixture.askSource(ONE))
        .isSameAs(sharedCacheFixture.next.failure);
    assertThat(redis.keys()).isZero();
  }

  @Test
  void aRequestAlreadyCancelledAsksNobody() {
    InferenceRequest request = Entries.request(ONE);
    request.cancellation().cancel();
    assertThatThrownBy(() -> sharedCacheFixture.ask(request)).isInstanceOf(Failure.class);
    assertThat(sharedCacheFixture.next.calls).hasValue(0);
  }

  @Test
  void closingWaitsForTheWritesUnderWay() {
    sharedCacheFixture.loop.call(
        () -> {
          List<InferenceRequest> many =
              LongStream.range(0, 100).mapToObj(n -> noCache(Entries.fingerprint(n))).toList();
          many.forEach(sharedCacheFixture.cache::respond);
          return sharedCacheFixture.shut();
        });
    assertThat(redis.keys()).isEqualTo(100);
    assertThat(sharedCacheFixture.observedEvents.stored).hasValue(100);
    assertThat(sharedCacheFixture.askSource(ONE)).isEqualTo(Source.UPSTREAM);
    assertThat(sharedCacheFixture.observedEvents.dropped).hasValue(1);
  }

  /** Stores the answers to the first {@code count} fingerprints. */
  private void store(int count) {
    sharedCacheFixture
        .begin(LongStream.range(0, count).mapToObj(n -> noCache(Entries.fingerprint(n))).toList())
        .forEach(TestLoop::join);
    await().until(() -> sharedCacheFixture.observedEvents.stored.get() == count);
  }

  private static long bytesSent() {
    String stats = redis.command(Request.cmd(Command.INFO).arg("stats")).toString();
    return Long.parseLong(stats.replaceAll("(?s).*total_net_output_bytes:(\\d+).*", "$1"));
  }

  private static InferenceRequest noCache(Fingerprint fingerprint) {
    return Entries.request(
        new Sharing.Shareable(fingerprint, 5),
        Framing.WHOLE,
        new Directives(true, Long.MAX_VALUE, false));
  }

  private Source source(InferenceRequest request) {
    Provenance provenance = sharedCacheFixture.ask(request).provenance();
    return provenance.source();
  }

  private static void put(Fingerprint under, Entry entry) {
    byte[] value = CODEC.encode(entry).orElseThrow();
    redis.command(Request.cmd(Command.SET).arg(SharedCacheFixture.key(under)).arg(value));
  }
}
