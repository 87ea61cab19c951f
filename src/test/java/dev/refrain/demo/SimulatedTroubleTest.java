package dev.refrain.demo;

import static dev.refrain.demo.UpstreamClient.awaited;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.demo.SimulatedUpstream.Simulation;
import dev.refrain.demo.UpstreamClient.Reply;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedTroubleTest {
  private static final long CANCEL = 0x8;

  private final Vertx vertx = Vertx.vertx();
  private SimulatedUpstream upstream;
  private UpstreamClient client;

  private void start(Duration delayPerToken) {
    upstream = awaited(SimulatedUpstream.start(vertx, Simulation.of(delayPerToken)));
    client = new UpstreamClient(vertx, upstream.port());
  }

  @AfterEach
  void stop() {
    awaited(upstream.stop());
    awaited(vertx.close());
  }

  @Test
  void aModelNamedAfterAStatusAnswersWithItAndCostsNothing() {
    start(Duration.ZERO);
    Reply reply = client.ask(question("error-503", false));

    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.error().getString("type")).isEqualTo("server_error");
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(upstream.tokens()).isZero();
  }

  @Test
  void tooManyRequestsSayWhenToComeAgain() {
    start(Duration.ZERO);

    assertThat(client.ask(question("error-429", true)).head().getHeader("retry-after"))
        .isEqualTo("1");
  }

  @Test
  void anErrorInAStreamIsItsLastEvent() {
    start(Duration.ZERO);
    Reply stream = client.ask(question("error-stream", true));

    assertThat(stream.events()).hasSize(4);
    assertThat(stream.events().get(3).getJsonObject("error")).isNotNull();
    assertThat(stream.done()).isFalse();
    assertThat(client.ask(question("error-stream", false)).status()).isEqualTo(500);
  }

  @Test
  void aTerminatorWithoutAFinishReasonProvesNothing() {
    start(Duration.ZERO);
    Reply stream = client.ask(question("error-done", true));

    assertThat(stream.done()).isTrue();
    assertThat(stream.choices())
        .hasSize(3)
        .allMatch(choice -> choice.getString("finish_reason") == null);
    assertThat(client.ask(question("error-done", false)).choice(0).getValue("finish_reason"))
        .isNull();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCutConnectionGivesPartOfAnAnswer(boolean stream) {
    start(Duration.ZERO);
    Collected answer = awaited(client.send(question("error-cut", stream), Collected::of));

    assertThat(awaited(answer.ending().map("end").otherwise("cut"))).isEqualTo("cut");
    assertThat(answer.bytes()).hasPositiveValue();
    assertThat(upstream.open()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStalledAnswerBeginsAndDoesNotEnd(boolean stream) {
    start(Duration.ZERO);
    Collected answer = awaited(client.send(question("error-stall", stream), Collected::of));

    await().untilAtomic(answer.bytes(), bytes -> assertThat(bytes).isPositive());
    assertThat(answer.ending().isComplete()).isFalse();
    assertThat(upstream.open()).isEqualTo(1);
    answer.leave();
    await().until(() -> upstream.open() == 0 && upstream.abandoned() == 1);
  }

  @Test
  void aHungCallEndsWhenTheClientLeaves() {
    start(Duration.ZERO);
    HttpClientRequest request = sent(question("error-hang", false));

    await().until(() -> upstream.open() == 1);
    request.reset(CANCEL);
    await().until(() -> upstream.open() == 0 && upstream.abandoned() == 1);
  }

  @Test
  void aPlainAnswerTakesAsLongAsItsTokens() {
    start(Duration.ofMillis(10));
    long began = System.nanoTime();
    client.ask(question("any", false).put("n", 2).put("max_tokens", 20));

    assertThat(NANOSECONDS.toMillis(System.nanoTime() - began)).isBetween(200L, 10_000L);
  }

  @Test
  void delaysBelowATimersResolutionHoldOnAverage() {
    start(Duration.ofNanos(10_000));
    long began = System.nanoTime();
    Reply stream = client.ask(question("any", true).put("max_tokens", 20_000));

    assertThat(NANOSECONDS.toMillis(System.nanoTime() - began)).isBetween(200L, 10_000L);
    assertThat(stream.events()).hasSize(20_000);
  }

  @Test
  void aStreamCostsNothingMoreOnceItsClientHasLeft() {
    start(Duration.ofMillis(5));
    Collected answer = awaited(client.send(endless("any"), Collected::of));
    await().until(() -> upstream.completionTokens() > 3);

    answer.leave();

    await().until(() -> upstream.open() == 0);
    long paid = upstream.completionTokens();
    await().during(100, MILLISECONDS).until(() -> upstream.completionTokens() == paid);
    assertThat(upstream.abandoned()).isEqualTo(1);
  }

  @Test
  void aPlainAnswerCostsWhatWasGeneratedUntilItsClientLeft() {
    start(Duration.ofMillis(5));
    HttpClientRequest request = sent(question("any", false).put("max_tokens", 100_000));
    await().until(() -> upstream.open() == 1);

    request.reset(CANCEL);

    await().until(() -> upstream.abandoned() == 1);
    assertThat(upstream.completionTokens()).isLessThan(10_000);
    assertThat(upstream.open()).isZero();
  }

  @Test
  void stoppingEndsOpenStreams() {
    start(Duration.ofMillis(5));
    Collected answer = awaited(client.send(endless("any"), Collected::of));

    awaited(upstream.stop());

    await().until(() -> answer.ending().failed() && upstream.open() == 0);
  }

  /** A request that was sent and whose answer nobody waits for. */
  private HttpClientRequest sent(JsonObject body) {
    HttpClientRequest request = awaited(client.request(HttpMethod.POST, "/v1/completions"));
    request.send(body.toBuffer());
    return request;
  }

  private static JsonObject endless(String model) {
    return question(model, true).put("max_tokens", Integer.MAX_VALUE);
  }

  private static JsonObject question(String model, boolean stream) {
    return JsonObject.of("model", model, "prompt", "Say this", "temperature", 0, "stream", stream);
  }
}
