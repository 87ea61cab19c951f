package dev.refrain.fanout;

import dev.refrain.completion.Journey;
import dev.refrain.completion.Tokens;

/**
 * Accounts for a part as soon as it waits for another request's call; every event goes on to the
 * request's own listener.
 */
record BatchedJourney(Batch batch, int part, Journey next) implements Journey {
  @Override
  public void step(Step step, String whom) {
    next.step(step, whom);
    if (step == Step.JOINED || step == Step.FOLLOWED) {
      batch.account(part);
    }
  }

  @Override
  public void paid(Tokens paid) {
    next.paid(paid);
  }
}
