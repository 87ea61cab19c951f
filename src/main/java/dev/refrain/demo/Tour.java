package dev.refrain.demo;

import java.util.ArrayList;
import java.util.List;

/** Goes through the steps and checks every one. Blocks, so never on an event loop. */
final class Tour {
  private final List<Step> steps;
  private final DemoClient demoClient;
  private final Table table;

  Tour(List<Step> steps, DemoClient demoClient, Table table) {
    this.steps = steps;
    this.demoClient = demoClient;
    this.table = table;
  }

  /** Whether everything it showed was as it must be. */
  boolean go() {
    List<Outcome> outcomes = new ArrayList<>();
    int wrong = 0;
    for (Step step : steps) {
      Outcome outcome = demoClient.ask(step);
      List<String> mismatches = step.expected().mismatches(outcome, outcomes);
      outcomes.add(outcome);
      table.row(outcomes.size(), step, outcome, mismatches);
      wrong += mismatches.isEmpty() ? 0 : 1;
    }
    table.totals(outcomes, steps.stream().mapToInt(Step::times).sum(), wrong);
    return wrong == 0;
  }
}
