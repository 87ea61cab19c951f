package dev.refrain.openai;

import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.fields.Scope;
import dev.refrain.json.Canonical;
import dev.refrain.json.Canonical.CanonicalMember;
import dev.refrain.json.CanonicalNumber;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/**
 * Makes fingerprints of what was scanned. What the parts of a request have in common comes first,
 * so that it is digested once for all of them; then, in this order, the prompt, {@code best_of},
 * {@code seed} as far as they are there, and how many choices are requested.
 *
 * <p>One for each reader; uses its digest again and again.
 *
 * <p>Source: docs/internals/decisions/0004 and 0015.
 */
final class Fingerprints {
  private static final byte[] FORMAT = ascii("refrain/4\n");
  private static final byte[] PROMPT_END = ascii("]\n");

  private final Canonical canonical;
  private final MessageDigest sha256 = Fingerprint.sha256();

  Fingerprints(Canonical canonical) {
    this.canonical = canonical;
  }

  /**
   * Of the call as it came.
   *
   * @param start the number of its first sample
   * @param movesSeed whether samples have seeds of their own, where one is given
   */
  Fingerprint whole(
      Scope scope,
      String namespace,
      String endpoint,
      String place,
      BodyScan scan,
      long start,
      boolean movesSeed) {
    common(scope, namespace, endpoint, place, scan);
    SplitPoints points = scan.points();
    member(sha256, points.promptForm());
    member(sha256, points.bestOfForm());
    sample(sha256, points, points.n(), start, movesSeed);
    return Fingerprint.of(sha256.digest());
  }

  /**
   * Of the requests that are samples of each other: those that differ in nothing but how many
   * choices they ask for.
   *
   * @param name of the counter; not a number
   */
  Fingerprint counter(
      Scope scope, String namespace, String endpoint, String place, BodyScan scan, String name) {
    common(scope, namespace, endpoint, place, scan);
    SplitPoints points = scan.points();
    member(sha256, points.promptForm());
    if (!points.limitsBestOf()) {
      member(sha256, points.bestOfForm());
    }
    member(sha256, points.seedForm());
    line(sha256, name);
    return Fingerprint.of(sha256.digest());
  }

  /** The fingerprint of each part: that of a call for this part alone. */
  List<Fingerprint> parts(
      Scope scope, String namespace, String endpoint, String place, BodyScan scan, SplitPlan plan) {
    common(scope, namespace, endpoint, place, scan);
    Fingerprint[] parts = new Fingerprint[plan.parts()];
    for (int prompt = 0; prompt < plan.prompts(); prompt++) {
      MessageDigest digest = copy(sha256);
      prompt(digest, scan.points(), prompt);
      bestOf(digest, scan.points(), plan);
      for (int sample = 0; sample < plan.samples(); sample++) {
        int part = prompt * plan.samples() + sample;
        MessageDigest own = copy(digest);
        sample(own, scan.points(), plan.choices(), plan.number(part), plan.movesSeed());
        parts[part] = Fingerprint.of(own.digest());
      }
    }
    return Arrays.asList(parts);
  }

  /** A hash of the caller. */
  long scope(Scope scope) {
    return scope.hash(sha256);
  }

  private void common(Scope scope, String namespace, String endpoint, String place, BodyScan scan) {
    sha256.reset();
    sha256.update(FORMAT);
    scope.addTo(sha256);
    scope.addKeyTo(sha256);
    if (!namespace.isEmpty()) {
      // No other line begins like this: names of fields hold no blank, and endpoints begin with
      // '/'.
      line(sha256, "namespace " + namespace);
    }
    line(sha256, endpoint);
    line(sha256, place);
    for (CanonicalMember member : scan.members()) {
      member(sha256, member);
    }
  }

  private void prompt(MessageDigest digest, SplitPoints points, int prompt) {
    PromptSpans prompts = points.prompts();
    if (prompts.count() == 1) {
      member(digest, points.promptForm());
      return;
    }
    int from = prompts.canonicalFrom(prompt);
    digest.update(ascii('"' + points.field() + "\":["));
    digest.update(canonical.bytes(), from, prompts.canonicalTo(prompt) - from);
    digest.update(PROMPT_END);
  }

  private void bestOf(MessageDigest digest, SplitPoints points, SplitPlan plan) {
    if (plan.asksForOne() && points.limitsBestOf()) {
      line(digest, "\"best_of\":1");
    } else {
      member(digest, points.bestOfForm());
    }
  }

  // A seed of its own distinguishes a sample as it distinguishes calls. Without one they
  // are the same call, made again; its number stands for nothing but that.
  private void sample(
      MessageDigest digest, SplitPoints points, int choices, long number, boolean movesSeed) {
    boolean moved = number > 0 && points.seeded() && movesSeed;
    if (moved) {
      line(digest, "\"seed\":" + CanonicalNumber.of(String.valueOf(points.seed(number))));
    } else {
      member(digest, points.seedForm());
    }
    line(digest, number == 0 || moved ? String.valueOf(choices) : choices + "." + number);
  }

  // Canonical JSON holds no line feed, and begins with a quote; so no two inputs run together.
  private void member(MessageDigest digest, CanonicalMember member) {
    if (member != null) {
      digest.update(canonical.bytes(), member.from(), member.to() - member.from());
      digest.update((byte) '\n');
    }
  }

  private static void line(MessageDigest digest, String text) {
    digest.update(text.replace("\\", "\\\\").replace("\n", "\\n").getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '\n');
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static MessageDigest copy(MessageDigest digest) {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("every Java platform can go on from half a SHA-256", e);
    }
  }
}
