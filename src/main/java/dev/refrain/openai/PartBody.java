package dev.refrain.openai;

import dev.refrain.completion.Content;
import dev.refrain.completion.Framing;
import dev.refrain.json.Edits;
import io.vertx.core.buffer.Buffer;

/**
 * The body of one part: that of the whole request, with what belongs to other parts cut out of it.
 * Made each time it is asked for, because an answer that is kept asks for none.
 */
record PartBody(RequestBody whole, Seams seams, Plan plan, int part) implements Content {

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
    return seams.input(plan.prompt(part), whole.original());
  }

  private Edits edits() {
    Edits edits = new Edits(whole.coercions());
    seams.keepPrompt(plan.prompt(part), edits);
    if (plan.asksForOne()) {
      seams.askForOne(edits);
    }
    if (plan.movesSeed()) {
      seams.moveSeed(plan.sample(part), edits);
    }
    seams.rename(Parts.suffix(part), edits);
    return edits;
  }
}
