package dev.refrain.fanout;

import dev.refrain.inference.Frame;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Language;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Part;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import java.util.HashSet;
import java.util.Set;

/**
 * Sums the usage of the parts of a request: the tokens paid, the tokens saved, and the usage of the
 * merged answer, which counts each input once and each copy.
 *
 * <p>It stands in for the evidence of a merged stream, which is not kept itself.
 */
final class CostSum implements Language.CompletenessCheck {
  private final Observer observer;
  private final Set<Integer> inputs = new HashSet<>();
  private long prompt;
  private long completion;
  private boolean known = true;
  private Tokens usage = Tokens.of(0, 0);

  CostSum(Observer observer) {
    this.observer = observer;
  }

  /** A part has come to its end. */
  void add(Part part, InferenceResponse answer) {
    Tokens tokens = answer.tokens();
    use(part, tokens);
    if (part.copies() > 1) {
      int copied = part.copies() - 1;
      observer.replicated(
          part.request(), copied * part.request().elements(), copied * tokens.completion());
    }
    if (answer.provenance().source() != Source.UPSTREAM) {
      observer.answered(part.request(), answer.provenance().source(), tokens);
      return;
    }
    known &= tokens.known();
    prompt += tokens.prompt();
    completion += tokens.completion();
  }

  private void use(Part part, Tokens tokens) {
    long input = inputs.add(part.group()) ? tokens.prompt() : 0;
    usage =
        usage.known() && tokens.known()
            ? Tokens.of(
                usage.prompt() + input, usage.completion() + part.copies() * tokens.completion())
            : Tokens.UNKNOWN;
  }

  /** The usage in the merged answer, as if it had been one call. */
  Tokens usage() {
    return usage;
  }

  /** The tokens paid for this request so far. */
  @Override
  public Tokens tokens() {
    return known ? Tokens.of(prompt, completion) : Tokens.UNKNOWN;
  }

  @Override
  public void add(Frame frame) {
    // Each part has evidence of its own.
  }

  @Override
  public boolean complete() {
    return false;
  }

  @Override
  public boolean ended() {
    return false;
  }

  @Override
  public boolean failed() {
    return false;
  }
}
