package dev.refrain.openai;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Sample;
import dev.refrain.rules.Rule;
import dev.refrain.rules.Rule.Caching;

/**
 * Which of several samples of an answer a request is for: one that it names, or one that is
 * counted, or simply the only one.
 *
 * @param sample the one it is for; null is the only one, or one that is not counted yet
 * @param counter the name of what counts it; empty if there is nothing to count
 * @param slots after so many requests the first one comes again; 0 is never
 *     <p>Source: docs/internals/decisions/0074.
 */
record Numbering(Sample sample, String counter, int slots) {
  private static final Numbering ONE = new Numbering(null, "", 0);

  /**
   * The numbering of a request.
   *
   * @param counted the number that it got before, or null
   */
  static Numbering of(
      RequestSchema schema, BodyScan scan, RefrainHeaders own, Rule rule, Sample counted) {
    if (counted != null) {
      return new Numbering(counted, "", 0);
    }
    if (own.sample() >= 0) {
      if (!schema.draws()) {
        throw Failure.invalid(RefrainHeaders.SAMPLE, "requests to this endpoint have one answer");
      }
      return new Numbering(new Sample((long) own.sample() * scan.points().n(), false), "", 0);
    }
    if (!own.run().isEmpty()) {
      return schema.draws() ? new Numbering(null, "run " + own.run(), 0) : ONE;
    }
    boolean slots =
        rule.samples() > 0
            && rule.caching() != Caching.OFF
            && !own.force()
            && !schema.deterministic(scan.deterministic());
    return slots ? new Numbering(null, "slots", rule.samples()) : ONE;
  }

  /** Whether other answers to the same request are stored beside this one. */
  boolean isOneOfSeveral() {
    return this != ONE;
  }

  /** The number of its first choice. */
  long start() {
    return sample == null ? 0 : sample.first();
  }
}
