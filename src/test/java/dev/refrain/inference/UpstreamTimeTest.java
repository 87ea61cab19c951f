package dev.refrain.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamTimeTest {
  @ParameterizedTest(name = "of a wait from {0} to {1}, {4} lie between {2} and {3}")
  @CsvSource({
    "10, 20,  0, 30, 10",
    "10, 20, 12, 30,  8",
    "10, 20, 12, 15,  3",
    "10, 20, 20, 30,  0",
    "10, 20,  0, 10,  0",
    "10, 20, 25, 30,  0",
    "-5,  5, -9,  9, 10",
  })
  void onlyWhatLiesBetweenCounts(long began, long ended, long from, long to, long within) {
    assertThat(new UpstreamTime(began, ended).within(from, to)).isEqualTo(within);
  }

  @Test
  void theClockMayRunOverItsEnd() {
    long end = Long.MAX_VALUE;
    assertThat(new UpstreamTime(end - 5, end + 5).within(end - 10, end + 10)).isEqualTo(10);
  }

  @Test
  void whatWasNotWaitedForIsNowhere() {
    assertThat(UpstreamTime.NONE.within(-10, 10)).isZero();
    assertThat(UpstreamTime.NONE.goingOn()).isEqualTo(UpstreamTime.NONE);
  }

  @Test
  void ofPartsItIsFromTheFirstQuestionToTheLastAnswer() {
    Provenance kept = new Provenance(Source.MEMORY, 1, 2);
    Provenance one = Provenance.upstream(new UpstreamTime(10, 20));
    Provenance other = Provenance.flight(new UpstreamTime(5, 12));
    assertThat(Provenance.of(List.of(kept, one, other), 3).waited())
        .isEqualTo(new UpstreamTime(5, 20));
    assertThat(Provenance.of(List.of(kept, kept), 2).waited()).isEqualTo(UpstreamTime.NONE);
    assertThat(Provenance.of(List.of(kept, one), 2).waited()).isEqualTo(new UpstreamTime(10, 20));
  }
}
