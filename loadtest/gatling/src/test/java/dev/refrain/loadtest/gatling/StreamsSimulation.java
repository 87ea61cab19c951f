package dev.refrain.loadtest.gatling;

import static io.gatling.javaapi.core.CoreDsl.global;

import io.gatling.javaapi.core.Simulation;

/** Every stream has a first token and an end. */
public final class StreamsSimulation extends Simulation {
  {
    setUp(Streaming.load())
        .protocols(Size.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            global().responseTime().percentile(99).lt(Size.P99));
  }
}
