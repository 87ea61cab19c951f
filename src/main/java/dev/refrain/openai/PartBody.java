package dev.refrain.openai;

import dev.refrain.inference.Content;
import dev.refrain.inference.Framing;
import dev.refrain.json.Edits;
import io.vertx.core.buffer.Buffer;

/**
 * The body of one part: that of the whole request, with what belongs to other parts cut out of it.
 * Made on demand, because a stored answer needs none.
 */
record PartBody(RequestBody whole, SplitPoints points, SplitPlan plan, int part)
    implements Content {

  @Override
  public Buffer bytes(Framing framing, boolean usage) {
    return whole.with(edits()).bytes(framing, usage);
  }

  @Override
  public boolean asksUsage() {
    return whole.asksUsage();
  }

  @Override
  public Input input() {
    return points.input(plan.prompt(part), whole.original());
  }

  private Edits edits() {
    Edits edits = new Edits(whole.coercions());
    points.keepPrompt(plan.prompt(part), edits);
    if (plan.asksForOne()) {
      points.askForOne(edits);
    }
    if (plan.movesSeed()) {
      points.moveSeed(plan.number(part), edits);
    }
    points.rename(SplitRequest.suffix(part), edits);
    return edits;
  }
}
