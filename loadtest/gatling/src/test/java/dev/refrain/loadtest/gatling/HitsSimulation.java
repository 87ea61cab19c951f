package dev.refrain.loadtest.gatling;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.feed;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.repeat;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.header;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;

/** What is kept is answered from memory: every one of them, and at once. */
public final class HitsSimulation extends Simulation {
  private final ScenarioBuilder first =
      scenario("first")
          .exec(repeat(Prompts.KEPT).on(feed(Prompts.byTurns()).exec(Asking.plain("first"))));

  private final ScenarioBuilder again =
      scenario("again")
          .feed(Prompts.byTurns())
          .exec(
              Asking.plain("hit")
                  .check(header("Cache-Status").find().transform(HitsSimulation::isHit).is(true)));

  {
    setUp(
            first
                .injectOpen(atOnceUsers(1))
                .andThen(again.injectOpen(constantUsersPerSec(Size.RATE).during(Size.TIME))))
        .protocols(Size.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            details("hit").responseTime().percentile(99).lt(Size.P99));
  }

  private static boolean isHit(String status) {
    return status.contains("; hit");
  }
}
