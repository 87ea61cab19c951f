package dev.refrain.loadtest.gatling;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.feed;
import static io.gatling.javaapi.core.CoreDsl.regex;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.sse;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.PopulationBuilder;

/** Streams that are heard event by event, from the first to the last. */
final class Streaming {
  private static final String FIELDS = "\"temperature\":0.7,\"stream\":true";
  private static final String DONE = "\\[DONE\\]";
  private static final int LONGEST = 60;

  private Streaming() {}

  static PopulationBuilder load() {
    return scenario("streams")
        .exec(feed(Prompts.fresh()), listen())
        .injectOpen(constantUsersPerSec(Size.RATE).during(Size.TIME));
  }

  private static ChainBuilder listen() {
    return exec(
        sse("stream")
            .post(Asking.PATH)
            .body(StringBody(Asking.body(FIELDS)))
            .await(LONGEST)
            .on(
                sse.checkMessage("first token").check(regex("\"text\"")),
                sse.checkMessage("end").matching(regex(DONE)).check(regex(DONE))),
        sse("close").close());
  }
}
