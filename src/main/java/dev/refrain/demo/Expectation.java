package dev.refrain.demo;

import dev.refrain.demo.DemoClient.Outcome;
import java.util.ArrayList;
import java.util.List;

/**
 * The expected result of a step. A step that deviates fails the tour.
 *
 * @param status of the answer
 * @param cacheOutcome how it came about
 * @param calls that reach the upstream
 * @param sameAs number of an earlier step with the same text; 0 for none
 * @param unlike number of an earlier step with another text; 0 for none
 */
record Expectation(int status, CacheOutcome cacheOutcome, int calls, int sameAs, int unlike) {
  /** How an answer was obtained, according to its {@code Cache-Status}. */
  enum CacheOutcome {
    /** From the cache. */
    HIT("a hit"),
    /** From the upstream. Whether a stream is kept its head cannot say; the next step shows it. */
    MISS("a miss"),
    /** Of several at once, all but one from that one's call, on its way or just ended. */
    SHARED("a shared call"),
    /** Made of parts, of which some were kept. */
    PARTIAL("partly a hit"),
    /** From the upstream past the cache, with the reason. */
    BYPASS("a call past the cache, with the reason"),
    /** From the upstream, and not kept. */
    UNKEPT("an answer that is not kept");

    private final String words;

    CacheOutcome(String words) {
      this.words = words;
    }

    private boolean fits(CacheStatus cache) {
      return switch (this) {
        case HIT -> cache.hit();
        case MISS -> !cache.hit() && cache.forward().endsWith("miss");
        case SHARED -> cache.collapsed() || cache.hit();
        case PARTIAL -> cache.forward().equals("partial");
        case BYPASS ->
            !cache.hit()
                && !cache.forward().isEmpty()
                && !cache.detail().isEmpty()
                && !cache.stored();
        case UNKEPT -> !cache.hit() && !cache.stored();
      };
    }
  }

  static Expectation hit() {
    return new Expectation(200, CacheOutcome.HIT, 0, 0, 0);
  }

  static Expectation miss() {
    return new Expectation(200, CacheOutcome.MISS, 1, 0, 0);
  }

  static Expectation shared() {
    return new Expectation(200, CacheOutcome.SHARED, 1, 0, 0);
  }

  static Expectation bypass() {
    return new Expectation(200, CacheOutcome.BYPASS, 1, 0, 0);
  }

  static Expectation error(int status) {
    return new Expectation(status, CacheOutcome.UNKEPT, 1, 0, 0);
  }

  static Expectation partial(int calls) {
    return new Expectation(200, CacheOutcome.PARTIAL, calls, 0, 0);
  }

  /** The same, made of so many calls. */
  Expectation of(int parts) {
    return new Expectation(status, cacheOutcome, parts, sameAs, unlike);
  }

  Expectation sameTextAs(int step) {
    return new Expectation(status, cacheOutcome, calls, step, unlike);
  }

  Expectation otherTextThan(int step) {
    return new Expectation(status, cacheOutcome, calls, sameAs, step);
  }

  /**
   * The mismatches in words; empty if the step was as expected.
   *
   * @param before the outcomes of the earlier steps, the first at 0
   */
  List<String> mismatches(Outcome outcome, List<Outcome> before) {
    List<String> found = new ArrayList<>();
    expect(outcome.status() == status, "status " + status + ", got " + outcome.status(), found);
    expect(
        cacheOutcome.fits(outcome.cache()),
        cacheOutcome.words + ", got " + outcome.cache().words(),
        found);
    expect(outcome.calls() == calls, calls + " upstream calls, got " + outcome.calls(), found);
    expect(status != 200 || outcome.answer().whole(), "a finish reason, got none", found);
    expect(
        cacheOutcome != CacheOutcome.HIT || outcome.saved() > 0, "tokens saved, got none", found);
    expect(
        sameAs == 0 || textOf(before, sameAs).equals(outcome.answer().text()),
        "the text of step " + sameAs + ", got another",
        found);
    expect(
        unlike == 0 || !textOf(before, unlike).equals(outcome.answer().text()),
        "another text than that of step " + unlike + ", got the same",
        found);
    return found;
  }

  private static void expect(boolean fits, String words, List<String> found) {
    if (!fits) {
      found.add("expected " + words);
    }
  }

  private static String textOf(List<Outcome> before, int step) {
    return before.get(step - 1).answer().text();
  }
}
