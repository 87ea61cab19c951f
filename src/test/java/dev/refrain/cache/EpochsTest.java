package dev.refrain.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.completion.Entry;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Purge;
import dev.refrain.testing.FakeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class EpochsTest {
  private static final Purge MODEL = new Purge.OfModel("m");

  private long now = 1_000_000;
  private final Epochs epochs = new Epochs(Duration.ofMillis(10_000), () -> now);

  @Test
  void whatWasAskedForAtTheEpochIsPurgedAndWhatCameLaterIsNot() {
    epochs.add(MODEL, now);
    assertThat(epochs.cover(askedAt(now - 1))).isTrue();
    assertThat(epochs.cover(askedAt(now))).isTrue();
    assertThat(epochs.cover(askedAt(now + 1))).isFalse();
  }

  @Test
  void aPurgeConcernsWhatItChoosesAndNothingElse() {
    for (Purge other :
        new Purge[] {
          new Purge.OfModel("n"),
          new Purge.OfScope(6),
          new Purge.OfFingerprint(FakeRequest.fingerprint(2))
        }) {
      epochs.add(other, now);
    }
    assertThat(epochs.cover(askedAt(now))).isFalse();
    for (Purge own :
        new Purge[] {
          Purge.ALL,
          MODEL,
          new Purge.OfScope(5),
          new Purge.OfFingerprint(FakeRequest.fingerprint(1))
        }) {
      Epochs one = new Epochs(Duration.ofMillis(10_000), () -> now);
      one.add(own, now);
      assertThat(one.cover(askedAt(now))).as(own.toString()).isTrue();
    }
  }

  @Test
  void anOlderPurgeThatIsHeardOfLaterTakesNothingBack() {
    epochs.add(MODEL, now);
    epochs.add(MODEL, now - 5);
    assertThat(epochs.cover(askedAt(now))).isTrue();
    epochs.add(Purge.ALL, now - 5);
    assertThat(epochs.marks()).containsEntry(MODEL, now).containsEntry(Purge.ALL, now - 5);
  }

  @Test
  void aPurgeOfEverythingMakesOlderMarksNeedless() {
    epochs.add(MODEL, now - 5);
    epochs.add(Purge.ALL, now);
    epochs.add(MODEL, now - 1);
    assertThat(epochs.marks()).containsOnlyKeys(Purge.ALL);
  }

  @Test
  void moreMarksThanThereIsRoomForPurgeEverythingAndForgetNothing() {
    epochs.add(new Purge.OfScope(0), now + 50);
    for (int i = 1; i < Epochs.MOST; i++) {
      epochs.add(new Purge.OfScope(1000 + i), now);
    }
    assertThat(epochs.marks()).hasSize(Epochs.MOST);
    assertThat(epochs.cover(askedAt(now))).isFalse();
    epochs.add(new Purge.OfModel("n"), now + 1);
    assertThat(epochs.marks()).containsOnlyKeys(Purge.ALL).containsValue(now + 50);
    assertThat(epochs.cover(askedAt(now + 1))).isTrue();
  }

  @Test
  void marksThatConcernNothingAnyMoreMakeRoom() {
    for (int i = 0; i < Epochs.MOST; i++) {
      epochs.add(new Purge.OfScope(1000 + i), now);
    }
    now += 10_001;
    epochs.add(MODEL, now);
    assertThat(epochs.marks()).containsOnlyKeys(MODEL);
  }

  @Test
  void whatIsNewsIsToldOnceWhenItHoldsAlready() {
    List<String> told = new ArrayList<>();
    AtomicReference<Epochs> own = new AtomicReference<>();
    own.set(
        new Epochs(
            Duration.ofMillis(10_000),
            () -> now,
            (what, until) ->
                told.add(what.by() + " " + until + " " + own.get().cover(askedAt(until)))));
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
    epochs.add(new Purge.OfModel("n"), 9);
    assertThat(epochOfOne()).isZero();
    epochs.add(MODEL, 5);
    epochs.add(new Purge.OfScope(5), 7);
    epochs.add(new Purge.OfFingerprint(FakeRequest.fingerprint(1)), 6);
    assertThat(epochOfOne()).isEqualTo(7);
  }

  private long epochOfOne() {
    return epochs.of(FakeRequest.fingerprint(1), "m", 5);
  }

  private static Entry askedAt(long at) {
    return FakeRequest.entry(1, Framing.WHOLE, "body", at);
  }
}
