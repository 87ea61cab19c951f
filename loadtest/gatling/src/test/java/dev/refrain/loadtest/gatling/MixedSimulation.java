package dev.refrain.loadtest.gatling;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.Simulation;

/** A day's traffic: few prompts often, many seldom, of every kind. */
public final class MixedSimulation extends Simulation {
  private static final String FIELDS =
      "\"temperature\":#{temperature},\"stream\":#{stream},\"n\":#{n}";

  {
    setUp(
            scenario("mixed")
                .feed(Prompts.mixed())
                .exec(Asking.with("mixed", FIELDS))
                .injectOpen(constantUsersPerSec(Size.RATE).during(Size.TIME)))
        .protocols(Size.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            global().responseTime().percentile(99).lt(Size.P99));
  }
}
