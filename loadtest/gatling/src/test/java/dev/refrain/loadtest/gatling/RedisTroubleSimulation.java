package dev.refrain.loadtest.gatling;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.OpenInjectionStep;
import io.gatling.javaapi.core.Simulation;

/**
 * Redis is frozen, thawed and killed by {@code run} meanwhile: that costs hits, never an answer.
 */
public final class RedisTroubleSimulation extends Simulation {
  {
    setUp(
            scenario("kept").feed(Prompts.byTurns()).exec(Asking.plain("kept")).injectOpen(half()),
            scenario("fresh").feed(Prompts.fresh()).exec(Asking.plain("fresh")).injectOpen(half()))
        .protocols(Size.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            global().responseTime().percentile(99).lt(Size.P99));
  }

  private static OpenInjectionStep half() {
    return constantUsersPerSec(Size.RATE / 2).during(Size.TIME);
  }
}
