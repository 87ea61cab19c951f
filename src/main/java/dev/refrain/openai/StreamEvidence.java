package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.refrain.inference.Frame;
import dev.refrain.inference.Language;
import dev.refrain.inference.Tokens;
import dev.refrain.sse.EventLines;
import dev.refrain.sse.EventSplitter;
import java.io.IOException;

/**
 * Proof that a stream is whole, collected frame by frame: every frame valid JSON, no error, a final
 * reason for each choice. What is not JSON proves nothing, but is no error either. {@code [DONE]}
 * proves nothing. Lives on one event loop.
 */
public final class StreamEvidence implements Language.CompletenessCheck {
  private static final byte[] ERROR = "error".getBytes(US_ASCII);

  private final FinishReasons finishReasons;
  private final AnswerScan scan;
  private boolean errorEvent;
  private boolean unreadable;

  public StreamEvidence(AnswerShape shape, int elements) {
    finishReasons = new FinishReasons(shape, elements);
    scan = new AnswerScan(shape, finishReasons);
  }

  @Override
  public void add(Frame frame) {
    errorEvent |= EventLines.isNamed(frame, ERROR);
    if (failed() || frame.isComment() || EventSplitter.isDone(frame)) {
      return;
    }
    try {
      scan.read(frame.data(), frame.from(), frame.to());
    } catch (IOException notJson) {
      unreadable = true; // the client may understand it, but it must not be stored
    }
  }

  @Override
  public boolean complete() {
    return finishReasons.complete() && !scan.strange() && !unreadable && !failed();
  }

  @Override
  public boolean ended() {
    return finishReasons.ended() && !failed();
  }

  @Override
  public boolean failed() {
    return errorEvent || scan.error();
  }

  @Override
  public Tokens tokens() {
    return scan.tokens();
  }
}
