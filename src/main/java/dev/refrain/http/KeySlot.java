package dev.refrain.http;

import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.keys.Key;

/** One of the requests that a key may have under way at once, until it is over, however it ends. */
final class KeySlot implements AccessListener {
  private final AccessListener next;
  private final Key key;
  private boolean over;

  /** A request of this key that has begun; the events go on to {@code next}. */
  KeySlot(AccessListener next, Key key) {
    this.next = next;
    this.key = key;
  }

  @Override
  public boolean isDetailed() {
    return next.isDetailed();
  }

  @Override
  public void named(String id) {
    next.named(id);
  }

  @Override
  public void authenticated(InferenceRequest request) {
    next.authenticated(request);
  }

  @Override
  public void responding(InferenceResponse answer) {
    next.responding(answer);
  }

  @Override
  public void firstByte() {
    next.firstByte();
  }

  @Override
  public void step(Step step, String whom) {
    next.step(step, whom);
  }

  @Override
  public void ended(int status, long bytes) {
    next.ended(status, bytes);
    end();
  }

  @Override
  public void refused(Failure failure, long bytes) {
    next.refused(failure, bytes);
    end();
  }

  private void end() {
    if (!over) {
      over = true;
      key.end();
    }
  }
}
