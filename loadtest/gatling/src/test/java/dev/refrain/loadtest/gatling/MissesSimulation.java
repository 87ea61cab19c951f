package dev.refrain.loadtest.gatling;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.header;

import io.gatling.javaapi.core.Simulation;

/** What nobody asked before goes upstream, and is kept. */
public final class MissesSimulation extends Simulation {
  {
    setUp(
            scenario("misses")
                .feed(Prompts.fresh())
                .exec(
                    Asking.plain("miss")
                        .check(
                            header("Cache-Status")
                                .find()
                                .transform(MissesSimulation::isKept)
                                .is(true)))
                .injectOpen(constantUsersPerSec(Size.RATE).during(Size.TIME)))
        .protocols(Size.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            global().responseTime().percentile(99).lt(Size.P99));
  }

  private static boolean isKept(String status) {
    return status.contains("fwd=uri-miss; stored");
  }
}
