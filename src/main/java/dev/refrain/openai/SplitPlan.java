package dev.refrain.openai;

import dev.refrain.openai.ModelRoute.Repetition;

/**
 * How a request is split: {@code prompts × samples} parts, with the number of choices in each and
 * the number of copies of each choice in the answer. For a request, {@code samples × choices ×
 * copies} is what it calls {@code n}. The decision alone; {@link SplitRequest} carries it out.
 *
 * @param start the number of the first sample among all that equal requests draw
 * @param asOne whether the request goes upstream as it came nevertheless
 * @param batched whether the parts that have to go upstream go in one call
 */
record SplitPlan(
    int prompts, int samples, int choices, int copies, long start, boolean asOne, boolean batched) {
  /** The request is one call. */
  static final SplitPlan UNDIVIDED = new SplitPlan(1, 1, 1, 1, 0, true, false);

  /**
   * The plan for a request.
   *
   * @param deterministic whether the choices of a prompt are all the same
   * @param shareable whether any part may be kept
   * @param start the number of the first sample
   */
  static SplitPlan of(
      SplitPoints points,
      ModelRoute.Mode mode,
      Repetition repetition,
      boolean deterministic,
      boolean shareable,
      long start) {
    boolean asOne = mode == ModelRoute.Mode.NATIVE;
    boolean batched = mode == ModelRoute.Mode.BATCH;
    if (points.choices() == 1
        || points.inseparable()
        || (points.promptCount() > 1 && !shareable)
        || ((asOne || batched) && !shareable)
        || (mode == ModelRoute.Mode.AUTO && points.together())) {
      return UNDIVIDED;
    }
    int prompts = points.promptCount();
    int n = points.n();
    if (n == 1 || points.together() || (deterministic && repetition == Repetition.NATIVE)) {
      return prompts == 1 ? UNDIVIDED : new SplitPlan(prompts, 1, n, 1, start, asOne, batched);
    }
    return deterministic && repetition == Repetition.REPLICATE
        ? new SplitPlan(prompts, 1, 1, n, start, asOne, batched)
        : new SplitPlan(prompts, n, 1, 1, start, asOne, batched);
  }

  /** Whether there are parts. */
  boolean divides() {
    return this != UNDIVIDED;
  }

  int parts() {
    return prompts * samples;
  }

  /** Choices of each prompt in the whole answer. */
  int n() {
    return samples * choices * copies;
  }

  /** The prompt of a part. */
  int prompt(int part) {
    return part / samples;
  }

  /** Which of its prompt's samples a part is. */
  int sample(int part) {
    return part % samples;
  }

  /** Its number among all samples that equal requests draw. */
  long number(int part) {
    return start + sample(part);
  }

  /** The index in the whole answer of a part's first choice. */
  int first(int part) {
    return prompt(part) * n() + sample(part);
  }

  /** The part that has the choice {@code index} of the whole answer, or -1 if it is a copy. */
  int partOf(int index) {
    int at = index % n();
    return copies > 1 && at > 0 ? -1 : index / n() * samples + (samples > 1 ? at : 0);
  }

  /** Which of its part's choices the choice {@code index} of the whole answer is. */
  int choiceOf(int index) {
    return choices > 1 ? index % n() : 0;
  }

  /** Whether a part has fewer choices than the whole request. */
  boolean asksForOne() {
    return choices != n();
  }

  /**
   * Whether a sample has a seed of its own, where one is given: not in one call for all of them,
   * where the server's use of the seed is unknown.
   */
  boolean movesSeed() {
    return !asOne;
  }
}
