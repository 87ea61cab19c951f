package dev.refrain.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Directives;
import dev.refrain.inference.Failure;
import dev.refrain.inference.FieldDigests;
import dev.refrain.inference.Fork;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Source;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeNext;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class StaleFallbackTest {
  private static final long TTL = 10_000;
  private static final long WINDOW = 5_000;
  private static final Directives NO_CACHE = new Directives(true, Long.MAX_VALUE, false);
  private static final Directives ONLY_IF_CACHED = new Directives(false, Long.MAX_VALUE, true);

  private long now = 1_000_000;
  private final PurgeMarks purgeMarks = new PurgeMarks(Duration.ofHours(1), () -> now);
  private final MemoryStore store =
      new MemoryStore(
          100_000, 1000, Duration.ofMillis(TTL), Duration.ofMillis(WINDOW), () -> now, purgeMarks);
  private final FakeNext next = new FakeNext();
  private final List<Observer.StaleReason> seen = new ArrayList<>();
  private final Observer observer =
      new Observer() {
        @Override
        public void servedStale(StaleReason reason) {
          seen.add(reason);
        }
      };
  private final InferenceService ifError = stage(WINDOW, 0);
  private final InferenceService whileRevalidate = stage(0, WINDOW);

  @ParameterizedTest
  @EnumSource(
      value = Failure.Kind.class,
      names = {"UPSTREAM_UNREACHABLE", "UPSTREAM_BROKEN", "UPSTREAM_TIMEOUT", "OVERLOADED"})
  void aStaleAnswerStandsInForAFailureOfTheUpstream(Failure.Kind kind) {
    keepAndAge(TTL);
    next.fail(Failure.of(kind, "trouble"));
    Whole answer = (Whole) ifError.respond(request(Directives.NONE)).result();
    assertThat(answer.body()).hasToString("old");
    assertThat(answer.provenance().source()).isEqualTo(Source.MEMORY);
    assertThat(answer.provenance().instead()).isTrue();
    assertThat(answer.provenance().expiresAt()).isEqualTo(1_000_000 + TTL);
    assertThat(seen).containsExactly(Observer.StaleReason.ERROR);
  }

  @ParameterizedTest
  @EnumSource(
      value = Failure.Kind.class,
      mode = Mode.EXCLUDE,
      names = {"UPSTREAM_UNREACHABLE", "UPSTREAM_BROKEN", "UPSTREAM_TIMEOUT", "OVERLOADED"})
  void anyOtherFailureIsPassedOn(Failure.Kind kind) {
    keepAndAge(TTL);
    next.fail(Failure.of(kind, "trouble"));
    assertThat(ifError.respond(request(Directives.NONE)).failed()).isTrue();
    assertThat(seen).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 599})
  void aStaleAnswerStandsInForAnErrorOfTheUpstream(int status) {
    keepAndAge(TTL);
    next.answer(refusal(status));
    assertThat(ifError.respond(request(Directives.NONE)).result().head().status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 400, 401, 403, 404, 422})
  void anyOtherStatusIsPassedOn(int status) {
    keepAndAge(TTL);
    next.answer(refusal(status));
    assertThat(ifError.respond(request(Directives.NONE)).result().head().status())
        .isEqualTo(status);
    assertThat(seen).isEmpty();
  }

  @Test
  void nothingStandsInOnceTheWindowIsOver() {
    keepAndAge(TTL + WINDOW - 1);
    next.fail(broken());
    assertThat(ifError.respond(request(Directives.NONE)).succeeded()).isTrue();
    now += 1;
    next.fail(broken());
    assertThat(ifError.respond(request(Directives.NONE)).failed()).isTrue();
  }

  @Test
  void theWindowMayEndWhileTheCallIsUnderWay() {
    keepAndAge(TTL);
    Future<InferenceResponse> answer = ifError.respond(request(Directives.NONE));
    now += WINDOW;
    next.fail(broken());
    assertThat(answer.failed()).isTrue();
  }

  @Test
  void nothingIsServedPastAPurgeEvenOneDuringTheCall() {
    keepAndAge(TTL);
    Future<InferenceResponse> answer = ifError.respond(request(Directives.NONE));
    purgeMarks.add(Purge.ALL, now);
    next.fail(broken());
    assertThat(answer.failed()).isTrue();
    assertThat(whileRevalidate.respond(request(Directives.NONE)).isComplete()).isFalse();
  }

  @Test
  void whoExcludesAStaleAnswerGetsNone() {
    keepAndAge(TTL);
    for (Directives excluding : List.of(NO_CACHE, new Directives(false, 9, false))) {
      next.fail(broken());
      assertThat(ifError.respond(request(excluding)).failed()).isTrue();
      next.fail(broken());
      assertThat(whileRevalidate.respond(request(excluding)).failed()).isTrue();
    }
    next.fail(broken());
    assertThat(ifError.respond(request(new Directives(false, 11, false))).succeeded()).isTrue();
  }

  @Test
  void aStaleAnswerIsServedAtOnceAndANewOneAskedForOnce() {
    keepAndAge(TTL);
    InferenceRequest request = request(Directives.NONE);
    Whole first = (Whole) whileRevalidate.respond(request).result();
    assertThat(first.body()).hasToString("old");
    assertThat(first.provenance().instead()).isFalse();
    assertThat(whileRevalidate.respond(request(Directives.NONE)).succeeded()).isTrue();
    assertThat(next.calls()).isEqualTo(1);
    assertThat(seen).containsOnly(Observer.StaleReason.REVALIDATING).hasSize(2);

    request.cancellation().cancel();
    assertThat(next.request().cancellation().isCancelled()).isFalse();

    next.fail(broken());
    assertThat(whileRevalidate.respond(request(Directives.NONE)).succeeded()).isTrue();
    assertThat(next.calls()).isEqualTo(2);
  }

  @Test
  void whoWantsOnlyWhatIsCachedBeginsNoCall() {
    keepAndAge(TTL);
    assertThat(whileRevalidate.respond(request(ONLY_IF_CACHED)).succeeded()).isTrue();
    assertThat(next.calls()).isZero();
    next.fail(broken());
    assertThat(ifError.respond(request(ONLY_IF_CACHED)).failed()).isTrue();
  }

  private InferenceService stage(long error, long revalidate) {
    Duration ifError = Duration.ofMillis(error);
    Duration whileRevalidate = Duration.ofMillis(revalidate);
    return new Fork(new StaleFallback(store, ifError, whileRevalidate, observer, next), next);
  }

  private void keepAndAge(long millis) {
    store.put(FakeRequest.entry(1, Framing.WHOLE, "old", now), FieldDigests.NONE);
    now += millis;
  }

  private static InferenceRequest request(Directives directives) {
    return FakeRequest.shareable(1, Framing.WHOLE, false, directives);
  }

  private static Failure broken() {
    return Failure.of(Failure.Kind.UPSTREAM_BROKEN, "broken");
  }

  private static Whole refusal(int status) {
    Head head = new Head(status, HttpHeaders.headers());
    return Whole.notStorable(head, Buffer.buffer("new"));
  }
}
