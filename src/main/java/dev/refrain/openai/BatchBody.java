package dev.refrain.openai;

import dev.refrain.completion.Content;
import dev.refrain.completion.Framing;
import dev.refrain.json.Edits;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * The body of one call for several parts of a request: the request's own, with the inputs of these
 * parts alone. Made each time it is asked for.
 *
 * @param parts numbers of the parts, in the order in which their answers are expected
 */
record BatchBody(RequestBody whole, Seams seams, Plan plan, List<Integer> parts)
    implements Content {

  @Override
  public Buffer bytes(Framing framing, boolean usage) {
    return whole.with(edits()).bytes(framing, usage);
  }

  private Edits edits() {
    Edits edits = new Edits(whole.coercions());
    if (seams.promptCount() > 1) {
      seams.keepPrompts(parts.stream().map(plan::prompt).toList(), whole.original(), edits);
      if (plan.asksForOne()) {
        seams.ask(1, edits);
      }
    } else {
      seams.ask(parts.size() * plan.choices(), edits);
    }
    seams.moveSeed(plan.sample(parts.get(0)), edits);
    seams.rename(Parts.suffix(parts), edits);
    return edits;
  }
}
