package dev.refrain.demo;

import java.util.ArrayList;
import java.util.List;

/** All choices of one answer; the choice of prompt i, sample j has index i * n + j. */
final class ChoiceSet {
  private final List<ChoiceGenerator> generators = new ArrayList<>();

  ChoiceSet(SimulatedRequest request, long call) {
    for (int i = 0; i < request.prompts().size(); i++) {
      for (int j = 0; j < request.n(); j++) {
        long start = request.start(i, j, call);
        generators.add(
            new ChoiceGenerator(generators.size(), request, request.prompts().get(i), start));
      }
    }
  }

  boolean done() {
    return generators.isEmpty();
  }

  /** One token of every choice that has not finished. */
  List<ChoiceChunk> step() {
    List<ChoiceChunk> choiceChunks = generators.stream().map(ChoiceGenerator::next).toList();
    generators.removeIf(ChoiceGenerator::done);
    return choiceChunks;
  }

  /** Every choice to its end, in the order of the indexes. */
  List<ChoiceChunk> rest() {
    List<ChoiceChunk> choiceChunks = generators.stream().map(ChoiceGenerator::rest).toList();
    generators.clear();
    return choiceChunks;
  }
}
