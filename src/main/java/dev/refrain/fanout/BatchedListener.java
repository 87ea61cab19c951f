package dev.refrain.fanout;

import dev.refrain.inference.RequestListener;
import dev.refrain.inference.Whole;

/**
 * Accounts for a part as soon as it waits for another request's call; every event goes on to the
 * request's own listener.
 */
record BatchedListener(Batch batch, int part, RequestListener next) implements RequestListener {
  @Override
  public void step(Step step, String whom) {
    next.step(step, whom);
    if (step == Step.JOINED || step == Step.FOLLOWED) {
      batch.account(part);
    }
  }

  @Override
  public void whitespace(Whole beginning) {
    next.whitespace(beginning);
  }
}
