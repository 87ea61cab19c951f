package dev.refrain.openai;

import dev.refrain.completion.Tokens;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Optional;

/** What a whole answer proves. Pure functions. */
final class Proof {
  private Proof() {}

  /** The tokens of a complete answer with {@code elements} choices; empty if it is not that. */
  static Optional<Tokens> of(Buffer body, int elements) {
    Ends ends = new Ends(elements);
    AnswerScan scan = new AnswerScan(ends);
    boolean whole = reads(scan, body) && !scan.error() && !scan.strange() && ends.completeAtOnce();
    return whole ? Optional.of(scan.tokens()) : Optional.empty();
  }

  /** The tokens an answer reports, complete or not. */
  static Tokens tokens(Buffer body) {
    AnswerScan scan = new AnswerScan(new Ends(0));
    return reads(scan, body) ? scan.tokens() : Tokens.UNKNOWN;
  }

  private static boolean reads(AnswerScan scan, Buffer body) {
    try {
      scan.read(body.getBytes(), 0, body.length());
      return true;
    } catch (IOException notJson) {
      return false;
    }
  }
}
