package dev.refrain.fanout;

import dev.refrain.inference.Content;
import dev.refrain.inference.Framing;
import io.vertx.core.buffer.Buffer;

/**
 * The body of a part that may be sent together with other parts of its request. It carries the
 * batch through the stages, which know nothing of it, to {@link BatchCall}.
 *
 * @param part its number among the parts
 * @param own the body of this part alone
 */
record BatchedContent(Batch batch, int part, Content own) implements Content {
  @Override
  public Buffer bytes(Framing framing, boolean usage) {
    return own.bytes(framing, usage);
  }

  @Override
  public int siblings() {
    return batch.parts();
  }

  @Override
  public boolean asksUsage() {
    return own.asksUsage();
  }
}
