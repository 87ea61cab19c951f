package dev.refrain.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Sharing;
import dev.refrain.testing.FakeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PurgeMarksTest {
  private static final Purge MODEL = new Purge.OfModel("m");

  private long now = 1_000_000;
  private final PurgeMarks purgeMarks = new PurgeMarks(Duration.ofMillis(10_000), () -> now);

  @Test
  void whatWasAskedForAtTheEpochIsPurgedAndWhatCameLaterIsNot() {
    purgeMarks.add(MODEL, now);
    assertThat(purgeMarks.covers(askedAt(now - 1))).isTrue();
    assertThat(purgeMarks.covers(askedAt(now))).isTrue();
    assertThat(purgeMarks.covers(askedAt(now + 1))).isFalse();
  }

  @Test
  void aPurgeConcernsWhatItChoosesAndNothingElse() {
    for (Purge other :
        new Purge[] {
          new Purge.OfModel("n"),
          new Purge.OfScope(6),
          new Purge.OfFingerprint(FakeRequest.fingerprint(2))
        }) {
      purgeMarks.add(other, now);
    }
    assertThat(purgeMarks.covers(askedAt(now))).isFalse();
    for (Purge own :
        new Purge[] {
          Purge.ALL,
          MODEL,
          new Purge.OfScope(5),
          new Purge.OfFingerprint(FakeRequest.fingerprint(1))
        }) {
      PurgeMarks one = new PurgeMarks(Duration.ofMillis(10_000), () -> now);
      one.add(own, now);
      assertThat(one.covers(askedAt(now))).as(own.toString()).isTrue();
    }
  }

  @Test
  void marksFromTheFutureAreTakenBackAndOthersAreNot() {
    purgeMarks.add(MODEL, now + 1_000_000);
    purgeMarks.add(new Purge.OfScope(1), now - 3);
    purgeMarks.clamp(now);
    assertThat(purgeMarks.covers(askedAt(now))).isTrue();
    assertThat(purgeMarks.covers(askedAt(now + 1))).isFalse();
    assertThat(purgeMarks.marks()).containsEntry(new Purge.OfScope(1), now - 3);
  }

  @Test
  void anOlderPurgeThatIsHeardOfLaterTakesNothingBack() {
    purgeMarks.add(MODEL, now);
    purgeMarks.add(MODEL, now - 5);
    assertThat(purgeMarks.covers(askedAt(now))).isTrue();
    purgeMarks.add(Purge.ALL, now - 5);
    assertThat(purgeMarks.marks()).containsEntry(MODEL, now).containsEntry(Purge.ALL, now - 5);
  }

  @Test
  void aPurgeOfEverythingMakesOlderMarksNeedless() {
    purgeMarks.add(MODEL, now - 5);
    purgeMarks.add(Purge.ALL, now);
    purgeMarks.add(MODEL, now - 1);
    assertThat(purgeMarks.marks()).containsOnlyKeys(Purge.ALL);
  }

  @Test
  void moreMarksThanThereIsRoomForPurgeEverythingAndForgetNothing() {
    purgeMarks.add(new Purge.OfScope(0), now + 50);
    for (int i = 1; i < PurgeMarks.MOST; i++) {
      purgeMarks.add(new Purge.OfScope(1000 + i), now);
    }
    assertThat(purgeMarks.marks()).hasSize(PurgeMarks.MOST);
    assertThat(purgeMarks.covers(askedAt(now))).isFalse();
    purgeMarks.add(new Purge.OfModel("n"), now + 1);
    assertThat(purgeMarks.marks()).containsOnlyKeys(Purge.ALL).containsValue(now + 50);
    assertThat(purgeMarks.covers(askedAt(now + 1))).isTrue();
  }

  @Test
  void marksThatConcernNothingAnyMoreMakeRoom() {
    for (int i = 0; i < PurgeMarks.MOST; i++) {
      purgeMarks.add(new Purge.OfScope(1000 + i), now);
    }
    now += 10_001;
    purgeMarks.add(MODEL, now);
    assertThat(purgeMarks.marks()).containsOnlyKeys(MODEL);
  }

  @Test
  void whatIsNewsIsToldOnceWhenItHoldsAlready() {
    List<String> told = new ArrayList<>();
    AtomicReference<PurgeMarks> own = new AtomicReference<>();
    own.set(
        new PurgeMarks(
            Duration.ofMillis(10_000),
            () -> now,
            (what, until) ->
                told.add(what.by() + " " + until + " " + own.get().covers(askedAt(until)))));
    own.get().add(MODEL, 7);
    own.get().add(MODEL, 7);
    own.get().add(MODEL, 6);
    own.get().add(Purge.ALL, 8);
    own.get().add(MODEL, 8);

    assertThat(told).containsExactly("MODEL 7 true", "ALL 8 true");
  }

  @Test
  void theEpochOfAnAnswerIsThatOfTheLatestPurgeThatConcernsIt() {
    assertThat(epochOfOne()).isZero();
    purgeMarks.add(new Purge.OfModel("n"), 9);
    assertThat(epochOfOne()).isZero();
    purgeMarks.add(MODEL, 5);
    purgeMarks.add(new Purge.OfScope(5), 7);
    purgeMarks.add(new Purge.OfFingerprint(FakeRequest.fingerprint(1)), 6);
    assertThat(epochOfOne()).isEqualTo(7);
  }

  private long epochOfOne() {
    return purgeMarks.of(new Sharing.Shareable(FakeRequest.fingerprint(1), 5), "m");
  }

  private static Entry askedAt(long at) {
    return FakeRequest.entry(1, Framing.WHOLE, "body", at);
  }
}
