package dev.refrain.openai;

import dev.refrain.completion.Proof;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/** Proof that a whole answer is what it should be. A pure function. */
public final class WholeProof {
  private WholeProof() {}

  /** What an answer that should hold {@code elements} choices proves. */
  public static Proof of(Buffer body, int elements) {
    Ends ends = new Ends(elements);
    AnswerScan scan = new AnswerScan(ends);
    try {
      scan.read(body.getBytes(), 0, body.length());
    } catch (IOException notJson) {
      return Proof.NONE;
    }
    boolean complete = !scan.error() && !scan.strange() && ends.completeAtOnce();
    return new Proof(complete, scan.tokens());
  }
}
