package dev.refrain.inference;

import java.util.List;

/** The division of a request that is one call. */
final class Unsplit implements Split {
  @Override
  public int parts() {
    return 1;
  }

  @Override
  public Part part(InferenceRequest whole, int part, Cancellation cancellation) {
    throw new IllegalStateException("a request that is one call has no parts");
  }

  @Override
  public boolean asOne() {
    return true;
  }

  @Override
  public List<Entry> entries(InferenceRequest whole, Entry entry) {
    return List.of();
  }
}
