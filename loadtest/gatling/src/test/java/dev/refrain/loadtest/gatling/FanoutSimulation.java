package dev.refrain.loadtest.gatling;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.jsonPath;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.Simulation;

/** Two prompts, four choices each, sampled: eight calls at once, one answer. */
public final class FanoutSimulation extends Simulation {
  private static final String BODY =
      "{\"model\":\"any\",\"prompt\":[\"#{prompt}\",\"#{prompt}, and then?\"],\"max_tokens\":16,\"temperature\":0.7,\"n\":4}";

  {
    setUp(
            scenario("fan-out")
                .feed(Prompts.fresh())
                .exec(
                    http("eight choices")
                        .post(Asking.PATH)
                        .body(StringBody(BODY))
                        .check(status().is(200), jsonPath("$.choices[*].index").count().is(8)))
                .injectOpen(constantUsersPerSec(Size.RATE).during(Size.TIME)))
        .protocols(Size.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            global().responseTime().percentile(99).lt(Size.P99));
  }
}
