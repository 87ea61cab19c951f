package dev.refrain.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Directives;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Provenance;
import dev.refrain.completion.Sharing;
import dev.refrain.completion.Source;
import dev.refrain.completion.Whole;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CacheStatusTest {
  private static final CompletionRequest PLAIN = FakeRequest.shareable(1, Framing.WHOLE);

  @ParameterizedTest
  @CsvSource({
    "MEMORY, 10000, refrain; hit; ttl=10; detail=memory",
    "REDIS, 10000, refrain; hit; ttl=10; detail=redis",
    "MEMORY, 9999, refrain; hit; ttl=9; detail=memory",
    "MEMORY, 0, refrain; hit; ttl=0; detail=memory",
    "MEMORY, -1, refrain; hit; ttl=-1; detail=memory",
  })
  void aHitSaysFromWhereAndForHowLong(Source source, long left, String expected) {
    Provenance from = new Provenance(source, 1, 50_000 + left);
    assertThat(CacheStatus.of(PLAIN, whole(from, none()), 50_000)).isEqualTo(expected);
  }

  @Test
  void aStaleAnswerInPlaceOfAFailureWasForwardedAndIsNoHit() {
    Provenance from = new Provenance(Source.MEMORY, 1, 47_000).standingIn();
    assertThat(CacheStatus.of(PLAIN, whole(from, kept()), 50_000))
        .isEqualTo("refrain; fwd=stale; ttl=-3; detail=stale-if-error");
  }

  @Test
  void aMissSaysThatItWasForwardedAndWhetherItIsKept() {
    assertThat(CacheStatus.of(PLAIN, whole(Provenance.UPSTREAM, none()), 0))
        .isEqualTo("refrain; fwd=uri-miss");
    assertThat(CacheStatus.of(PLAIN, whole(Provenance.UPSTREAM, kept()), 0))
        .isEqualTo("refrain; fwd=uri-miss; stored");
  }

  @Test
  void aFollowerSaysThatItWasCollapsed() {
    assertThat(CacheStatus.of(PLAIN, whole(Provenance.FLIGHT, none()), 0))
        .isEqualTo("refrain; fwd=uri-miss; collapsed");
  }

  @Test
  void noCacheWasForwardedBecauseTheRequestWantedIt() {
    Directives noCache = new Directives(true, Long.MAX_VALUE, false);
    CompletionRequest request = FakeRequest.shareable(1, Framing.WHOLE, false, noCache);
    assertThat(CacheStatus.of(request, whole(Provenance.UPSTREAM, kept()), 0))
        .isEqualTo("refrain; fwd=request; stored");
  }

  @ParameterizedTest
  @EnumSource(Sharing.Reason.class)
  void aBypassSaysWhy(Sharing.Reason reason) {
    CompletionRequest request = FakeRequest.alone(Framing.WHOLE, reason);
    assertThat(CacheStatus.of(request, whole(Provenance.UPSTREAM, none()), 0))
        .isEqualTo("refrain; fwd=bypass; detail=" + reason.label());
  }

  private static Completion whole(Provenance from, Future<Entry> entry) {
    return new Whole(FakeRequest.head("a/b"), Buffer.buffer(), from, entry);
  }

  private static Future<Entry> none() {
    return Entry.none();
  }

  private static Future<Entry> kept() {
    return Future.succeededFuture(FakeRequest.entry(1, Framing.WHOLE, "body", 1));
  }
}
