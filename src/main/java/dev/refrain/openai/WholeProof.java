package dev.refrain.openai;

import dev.refrain.inference.Completeness;
import dev.refrain.json.Slice;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/** Proof that a whole answer is what it should be. A pure function. */
public final class WholeProof {
  private WholeProof() {}

  /** What an answer that should hold {@code elements} choices proves. */
  public static Completeness of(AnswerShape shape, Buffer body, int elements) {
    FinishReasons finishReasons = new FinishReasons(shape, elements);
    AnswerScan scan = new AnswerScan(shape, finishReasons);
    try {
      Slice document = Slice.of(body);
      scan.read(document.bytes(), document.from(), document.to());
    } catch (IOException notJson) {
      return Completeness.NONE;
    }
    boolean complete = !scan.error() && !scan.strange() && finishReasons.completeAtOnce();
    return new Completeness(complete, scan.error(), scan.tokens());
  }
}
