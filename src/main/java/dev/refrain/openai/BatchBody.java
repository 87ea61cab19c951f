package dev.refrain.openai;

import dev.refrain.inference.Content;
import dev.refrain.inference.Framing;
import dev.refrain.json.Edits;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * The body of one call for several parts of a request: the request's own, with the inputs of these
 * parts alone. Made on demand.
 *
 * @param parts numbers of the parts, in the order in which their answers are expected
 */
record BatchBody(RequestBody whole, SplitPoints points, SplitPlan plan, List<Integer> parts)
    implements Content {

  @Override
  public Buffer bytes(Framing framing, boolean usage) {
    return whole.with(edits()).bytes(framing, usage);
  }

  private Edits edits() {
    Edits edits = new Edits(whole.coercions());
    if (points.promptCount() > 1) {
      points.keepPrompts(parts.stream().map(plan::prompt).toList(), whole.original(), edits);
      if (plan.asksForOne()) {
        points.ask(1, edits);
      }
    } else {
      points.ask(parts.size() * plan.choices(), edits);
    }
    points.moveSeed(plan.number(parts.get(0)), edits);
    points.rename(SplitRequest.suffix(parts), edits);
    return edits;
  }
}
