package dev.refrain.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.inference.Directives;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.FieldDigests;
import dev.refrain.inference.Fork;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Purge;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Source;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeNext;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryCacheTest {
  private static final long TTL = 10_000;

  private long now = 1_000_000;
  private final List<String> seen = new ArrayList<>();
  private final Observer observer =
      new Observer() {
        @Override
        public void lookedUp(
            Endpoint endpoint, Source tier, Lookup result, String rule, long nanos) {
          seen.add(tier + " " + result);
        }

        @Override
        public void stored(Source tier, int bytes) {
          seen.add(tier + " stored " + bytes);
        }

        @Override
        public void storeDropped(Source tier) {
          seen.add(tier + " dropped");
        }

        @Override
        public void notStored(NotStored reason) {
          seen.add(reason.toString());
        }
      };
  private final FakeNext next = new FakeNext();
  private final PurgeMarks purgeMarks = new PurgeMarks(Duration.ofMillis(TTL), () -> now);
  private final MemoryStore store =
      new MemoryStore(100_000, 1000, Duration.ofMillis(TTL), Duration.ZERO, () -> now, purgeMarks);
  private final InferenceService cache =
      new Fork(
          new MemoryCache(
              store,
              observer,
              new MemoryWriter(store, request -> FieldDigests.NONE, observer, next)),
          next);

  @Test
  void aMissAsksTheNextAndKeepsWhatItProves() {
    ask(whole(1), entry(1, "body", now));
    assertThat(seen).containsExactly("MEMORY MISS", "MEMORY stored 516");
    assertThat(store.entries()).isEqualTo(1);
  }

  @Test
  void aHitAsksNobodyAndSaysWhereItCameFrom() {
    ask(whole(1), entry(1, "body", now));
    now += 500;

    Whole hit = (Whole) cache.respond(whole(1)).result();

    assertThat(next.calls()).isEqualTo(1);
    assertThat(hit.body()).hasToString("body");
    assertThat(hit.provenance().source()).isEqualTo(Source.MEMORY);
    assertThat(hit.provenance().storedAt()).isEqualTo(1_000_000);
    assertThat(hit.provenance().expiresAt()).isEqualTo(1_000_000 + TTL);
    assertThat(hit.entry().succeeded()).isTrue();
    assertThat(seen).endsWith("MEMORY HIT");
  }

  @Test
  void theSecondHitIsTheVeryFutureOfTheFirst() {
    ask(whole(1), entry(1, "body", now));
    Future<InferenceResponse> first = cache.respond(whole(1));
    assertThat(cache.respond(whole(1))).isSameAs(first);
  }

  @Test
  void aFloodOfOneTenantLeavesWhatAnotherAsksForAgainAndAgain() {
    int flood = 10_000;
    List<Long> others = LongStream.range(flood, flood + 50).boxed().toList();
    others.forEach(n -> store.put(entry(n, "body", now), FieldDigests.NONE));
    for (long n = 0; n < flood; n++) {
      if (n % 500 == 0) {
        others.forEach(this::find);
      }
      store.put(entry(n, "body", now), FieldDigests.NONE);
    }
    assertThat(store.entries()).isLessThan(200);
    assertThat(others.stream().filter(this::find)).hasSizeGreaterThan(45);
  }

  private boolean find(long n) {
    return store.find(FakeRequest.fingerprint(n), whole(n)) != null;
  }

  @Test
  void anotherRequestIsNotAnswered() {
    ask(whole(1), entry(1, "body", now));
    cache.respond(whole(2));
    assertThat(next.calls()).isEqualTo(2);
  }

  @Test
  void anEntryIsServedUntilItsTimeIsOver() {
    ask(whole(1), entry(1, "body", now));
    now += TTL - 1;
    assertThat(cache.respond(whole(1)).isComplete()).isTrue();
    now += 1;
    assertThat(cache.respond(whole(1)).isComplete()).isFalse();
    assertThat(next.calls()).isEqualTo(2);
  }

  @Test
  void anEntryThatComesOldIsFreshOnlyForTheRest() {
    ask(whole(1), entry(1, "body", now - TTL + 10));
    assertThat(cache.respond(whole(1)).isComplete()).isTrue();
    now += 10;
    assertThat(cache.respond(whole(1)).isComplete()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {10, 2 * TTL})
  void anEntryThatSaysItsLifetimeIsFreshForThatTimeShorterOrLonger(long ttl) {
    ask(whole(1), lasting(entry(1, "body", now), ttl));
    now += ttl - 1;
    assertThat(cache.respond(whole(1)).isComplete()).isTrue();
    now += 1;
    assertThat(cache.respond(whole(1)).isComplete()).isFalse();
  }

  private static Entry lasting(Entry entry, long ttl) {
    return new Entry(
        entry.fingerprint(),
        entry.framing(),
        entry.head(),
        entry.body(),
        entry.tokens(),
        entry.storedAt(),
        entry.model(),
        entry.scope(),
        ttl,
        entry.namespace(),
        entry.endpoint());
  }

  @Test
  void anEntryThatComesTooOldIsNotKept() {
    ask(whole(1), entry(1, "body", now - TTL));
    assertThat(store.entries()).isZero();
    assertThat(seen).endsWith("MEMORY dropped", "STALE");
  }

  @Test
  void nothingOlderThanTheMaxAgeIsServed() {
    ask(whole(1), entry(1, "body", now));
    now += 2_001;
    assertThat(cache.respond(whole(1, new Directives(false, 3, false))).isComplete()).isTrue();
    assertThat(cache.respond(whole(1, new Directives(false, 2, false))).isComplete()).isFalse();
    assertThat(seen).endsWith("MEMORY MISS");
  }

  @Test
  void noCacheAsksAnewAndKeepsTheNewAnswerForATimeOfItsOwn() {
    ask(whole(1), entry(1, "old", now));
    cache.respond(whole(1));
    now += TTL - 1;
    ask(whole(1, new Directives(true, Long.MAX_VALUE, false)), entry(1, "new", now));
    assertThat(next.calls()).isEqualTo(2);
    now += TTL - 1;

    assertThat(((Whole) cache.respond(whole(1)).result()).body()).hasToString("new");
    assertThat(next.calls()).isEqualTo(2);
  }

  @Test
  void aRefreshedAnswerOutlivesTheOldOneOnTheCachesOwnClockToo() {
    // Caffeine measures by nanoTime, so this one test has to run in real time: 60 ms.
    MemoryStore brief =
        new MemoryStore(
            100_000, 1000, Duration.ofMillis(60_000), Duration.ZERO, () -> now, purgeMarks);
    brief.put(entry(1, "old", now - 59_970), FieldDigests.NONE); // 30 ms left
    brief.put(entry(1, "new", now), FieldDigests.NONE);
    await()
        .pollDelay(Duration.ofMillis(60))
        .untilAsserted(
            () -> assertThat(brief.find(FakeRequest.fingerprint(1), whole(1))).isNotNull());
  }

  @Test
  void whatIsTooLargeIsAnsweredAndNotKept() {
    ask(whole(1), entry(1, "x".repeat(1001), now));
    assertThat(store.entries()).isZero();
    assertThat(seen).endsWith("MEMORY dropped", "TOO_LARGE");
    ask(whole(2), entry(2, "x".repeat(1000), now));
    assertThat(store.entries()).isEqualTo(1);
  }

  @Test
  void whatProvesNothingIsNotKept() {
    next.answer(FakeRequest.document(""));
    cache.respond(whole(1));
    assertThat(store.entries()).isZero();
    assertThat(seen).containsExactly("MEMORY MISS");
  }

  @Test
  void aStreamIsKeptWhenItHasEnded() {
    Promise<Entry> entry = Promise.promise();
    next.answer(FakeRequest.document("").with(entry.future()));
    cache.respond(whole(1));
    assertThat(store.entries()).isZero();
    entry.complete(entry(1, "body", now));
    assertThat(store.entries()).isEqualTo(1);
  }

  @Test
  void aFailureIsPassedOnAndForgotten() {
    Failure failure = Failure.of(Failure.Kind.UPSTREAM_BROKEN, "broken");
    next.fail(failure);
    assertThat(cache.respond(whole(1)).cause()).isSameAs(failure);
    cache.respond(whole(1));
    assertThat(next.calls()).isEqualTo(2);
  }

  @Test
  void anotherFramingIsRenderedOnceAndKept() {
    ask(whole(1), entry(1, "body", now));
    long before = store.bytes();
    InferenceRequest stream = FakeRequest.shareable(1, Framing.STREAM);

    Future<InferenceResponse> first = cache.respond(stream);
    Whole rendered = (Whole) first.result();

    assertThat(rendered.body()).hasToString("STREAM false body");
    assertThat(rendered.head().contentType()).isEqualTo("text/event-stream");
    assertThat(rendered.entry().result().framing()).isEqualTo(Framing.WHOLE);
    assertThat(cache.respond(stream)).isSameAs(first);
    assertThat(store.bytes()).isEqualTo(before + "STREAM false body".length());
    InferenceRequest withUsage = FakeRequest.shareable(1, Framing.STREAM, true, Directives.NONE);
    assertThat(((Whole) cache.respond(withUsage).result()).body()).hasToString("STREAM true body");
    assertThat(((Whole) cache.respond(whole(1)).result()).head().contentType())
        .isEqualTo("application/json");
    assertThat(next.calls()).isEqualTo(1);
  }

  @Test
  void whatCannotBeRenderedIsAMiss() {
    Entry entry = FakeRequest.entry(1, Framing.STREAM, "stream only", now);
    ask(FakeRequest.shareable(1, Framing.STREAM), entry);
    assertThat(cache.respond(whole(1)).isComplete()).isFalse();
    assertThat(cache.respond(FakeRequest.shareable(1, Framing.STREAM)).isComplete()).isTrue();
    assertThat(next.calls()).isEqualTo(2);
  }

  @Test
  void whatWasPurgedIsAMissAndIsNotKeptAgain() {
    ask(whole(1), entry(1, "body", now));
    purgeMarks.add(new Purge.OfModel("m"), now);
    ask(whole(1), entry(1, "begun before the purge", now));
    assertThat(seen).endsWith("MEMORY MISS", "MEMORY dropped", "PURGED");
    ask(whole(1), entry(1, "new", now + 1));
    assertThat(((Whole) cache.respond(whole(1)).result()).body()).hasToString("new");
    assertThat(next.calls()).isEqualTo(3);
  }

  @Test
  void theStoreHoldsNoMoreThanItsSize() {
    MemoryStore small =
        new MemoryStore(
            10 * 1512, 1000, Duration.ofMillis(TTL), Duration.ZERO, () -> now, purgeMarks);
    for (int i = 0; i < 1000; i++) {
      small.put(entry(i, "x".repeat(1000), now), FieldDigests.NONE);
    }
    assertThat(small.bytes()).isLessThanOrEqualTo(10 * 1512);
    assertThat(small.entries()).isBetween(1L, 10L);
  }

  @Test
  void onlyIfCachedStopsAMissAndNothingElse() {
    OnlyIfCached gate = new OnlyIfCached(next);
    SharedService end = (request, key) -> gate.respond(request);
    InferenceService above =
        new Fork(
            new MemoryCache(
                store,
                observer,
                new MemoryWriter(store, request -> FieldDigests.NONE, observer, end)),
            gate);
    InferenceRequest cachedOnly = whole(1, new Directives(false, Long.MAX_VALUE, true));

    Failure failure = (Failure) above.respond(cachedOnly).cause();
    assertThat(failure.kind()).isEqualTo(Failure.Kind.NOT_CACHED);
    assertThat(next.calls()).isZero();

    next.answer(answer(entry(1, "body", now)));
    above.respond(whole(1));
    assertThat(next.calls()).isEqualTo(1);
    assertThat(above.respond(cachedOnly).succeeded()).isTrue();
  }

  private void ask(InferenceRequest request, Entry entry) {
    next.answer(answer(entry));
    assertThat(cache.respond(request).succeeded()).isTrue();
  }

  private static Whole answer(Entry entry) {
    return Whole.notStorable(entry.head(), entry.body()).with(Future.succeededFuture(entry));
  }

  private static Entry entry(long n, String body, long storedAt) {
    return FakeRequest.entry(n, Framing.WHOLE, body, storedAt);
  }

  private static InferenceRequest whole(long n) {
    return FakeRequest.shareable(n, Framing.WHOLE);
  }

  private static InferenceRequest whole(long n, Directives directives) {
    return FakeRequest.shareable(n, Framing.WHOLE, false, directives);
  }
}
