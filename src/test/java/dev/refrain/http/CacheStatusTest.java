package dev.refrain.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Completeness;
import dev.refrain.inference.Directives;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Source;
import dev.refrain.inference.UpstreamTime;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CacheStatusTest {
  private static final InferenceRequest PLAIN = FakeRequest.shareable(1, Framing.WHOLE);

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
    Provenance from = new Provenance(Source.MEMORY, 1, 47_000).standingIn(UpstreamTime.NONE);
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
    InferenceRequest request = FakeRequest.shareable(1, Framing.WHOLE, false, noCache);
    assertThat(CacheStatus.of(request, whole(Provenance.UPSTREAM, kept()), 0))
        .isEqualTo("refrain; fwd=request; stored");
  }

  @ParameterizedTest
  @EnumSource(Sharing.Reason.class)
  void aBypassSaysWhy(Sharing.Reason reason) {
    InferenceRequest request = FakeRequest.alone(Framing.WHOLE, reason);
    assertThat(CacheStatus.of(request, whole(Provenance.UPSTREAM, none()), 0))
        .isEqualTo("refrain; fwd=bypass; detail=" + reason.label());
  }

  @Test
  void anAnswerOfSeveralPartsSaysHowManyWereKept() {
    assertThat(CacheStatus.of(PLAIN, whole(of(3, KEPT, Provenance.UPSTREAM, KEPT), none()), 0))
        .isEqualTo("refrain; fwd=partial; detail=\"2 of 3 kept\"");
    assertThat(CacheStatus.of(PLAIN, whole(of(2, KEPT, KEPT), none()), 0))
        .isEqualTo("refrain; hit; ttl=2; detail=memory");
    assertThat(CacheStatus.of(PLAIN, whole(of(2, Provenance.FLIGHT, Provenance.FLIGHT), none()), 0))
        .isEqualTo("refrain; fwd=uri-miss; collapsed");
    assertThat(
            CacheStatus.of(PLAIN, whole(of(2, Provenance.FLIGHT, Provenance.UPSTREAM), none()), 0))
        .isEqualTo("refrain; fwd=uri-miss");
  }

  @Test
  void anAnswerOfSeveralPartsSaysWhetherAllAreKeptNow() {
    assertThat(CacheStatus.of(PLAIN, whole(of(2, KEPT, Provenance.UPSTREAM).stored(), none()), 0))
        .isEqualTo("refrain; fwd=partial; stored; detail=\"1 of 2 kept\"");
    assertThat(
            CacheStatus.of(
                PLAIN, whole(of(2, Provenance.FLIGHT, Provenance.FLIGHT).stored(), none()), 0))
        .isEqualTo("refrain; fwd=uri-miss; collapsed; stored");
  }

  @Test
  void anAnswerOfWhichNotAllIsKnownClaimsNeitherHitNorMiss() {
    assertThat(CacheStatus.of(PLAIN, whole(of(3, KEPT, KEPT), none()), 0))
        .isEqualTo("refrain; detail=divided");
    assertThat(CacheStatus.of(PLAIN, whole(of(3, KEPT, Provenance.UPSTREAM), none()), 0))
        .isEqualTo("refrain; fwd=partial; detail=\"1 of 3 kept\"");
  }

  private static final Provenance KEPT = new Provenance(Source.MEMORY, 1, 2000);

  private static Provenance of(int parts, Provenance... known) {
    return Provenance.of(List.of(known), parts);
  }

  private static InferenceResponse whole(Provenance from, Future<Entry> entry) {
    return new Whole(FakeRequest.head("a/b"), Buffer.buffer(), Completeness.NONE, from, entry);
  }

  private static Future<Entry> none() {
    return Entry.none();
  }

  private static Future<Entry> kept() {
    return Future.succeededFuture(FakeRequest.entry(1, Framing.WHOLE, "body", 1));
  }
}
