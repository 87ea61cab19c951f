package dev.refrain.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Deadlines;
import dev.refrain.inference.Directives;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.SampleNumbers;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Tokens;
import dev.refrain.keys.Budget;
import dev.refrain.keys.Key;
import dev.refrain.keys.KeySettings;
import dev.refrain.keys.KeySettings.KeySecret;
import dev.refrain.keys.Keyring;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.openai.ModelRoute;
import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.openai.RequestReader;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.completions.Completions;
import dev.refrain.testing.FakeFrames;
import dev.refrain.testing.FakeNext;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InferenceHandlerTest {
  private static final String BODY = "{\"model\":\"secret\",\"temperature\":0}";

  private final FakeExchange exchange = new FakeExchange();
  private final FakeNext next = new FakeNext();
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    vertx.close();
  }

  @Test
  void whatTheReaderRefusesIsRefusedInTheShapeOfTheApi() {
    handle(model -> model, next, "{\"model\":\"m\",\"prompt\":\"x\",\"n\":1000000}");
    assertThat(exchange.status).isEqualTo(400);
    assertThat(exchange.body.toJsonObject().getJsonObject("error").getString("param"))
        .isEqualTo("n");
    assertThat(next.calls()).isZero();
  }

  @Test
  void aDefectInReadingIsAnsweredAsWell() {
    handle(
        model -> {
          throw new ArithmeticException(model);
        },
        next,
        BODY);
    assertInternalError();
  }

  @Test
  void aDefectInAStageIsAnsweredAsWell() {
    handle(
        model -> model,
        request -> {
          throw new IllegalStateException(request.model());
        },
        BODY);
    assertInternalError();
  }

  @Test
  void aDefectInWritingAStreamResetsItAndEndsTheCall() throws TimeoutException {
    exchange.defect = new IllegalStateException("a defect");
    FakeFrames frames = new FakeFrames();
    next.answer(
        new Streamed(
            FakeRequest.head("text/event-stream"),
            frames,
            FakeRequest.STREAMS.check(1),
            Provenance.UPSTREAM,
            Entry.none()));
    vertx.runOnContext(
        v -> {
          handle(model -> model, next, BODY);
          frames.offer("x".repeat(100_000), "y");
        });
    exchange.reset.future().await(20, TimeUnit.SECONDS);
    assertThat(next.request().cancellation().isCancelled()).isTrue();
  }

  @Test
  void aFailureIsAnsweredWithItsStatus() {
    next.fail(Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, "late"));
    handle(model -> model, next, BODY);
    assertThat(exchange.status).isEqualTo(504);
  }

  @Test
  void aKeyWithoutTokensIsAnsweredFromTheCacheOnlyAndItsHeadersStayAsTheyCame() {
    Key key = limited(100);
    next.answer(FakeRequest.document("end")).fail(notCached());
    handle(model -> model, next, BODY, key);
    assertThat(next.requests().get(0).directives()).isEqualTo(Directives.NONE);

    next.requests().get(0).costs().paid("m", Tokens.of(60, 41));
    FakeExchange second = new FakeExchange();
    handle(second, model -> model, next, BODY, key);
    InferenceRequest spent = next.requests().get(1);
    assertThat(spent.directives()).isEqualTo(Directives.NONE.cachedOnly());
    assertThat(spent.headers().contains("Cache-Control")).isFalse();
    assertThat(second.status).isEqualTo(429);
  }

  @Test
  void thePartsOfARequestOfAKeyWithoutTokensAreAnsweredFromTheCacheOnly() {
    Key key = limited(1);
    key.paid("m", Tokens.of(1, 0));
    handle(
        model -> model, next, "{\"model\":\"m\",\"prompt\":[\"a\",\"b\"],\"temperature\":0}", key);
    InferenceRequest whole = next.request();
    InferenceRequest part = whole.split().part(whole, 1, new Cancellation()).request();
    assertThat(part.directives().onlyIfCached()).isTrue();
    assertThat(part.costs()).isSameAs(key);
  }

  private static Failure notCached() {
    return Failure.of(Failure.Kind.NOT_CACHED, "no stored answer");
  }

  private static Key limited(int tokensPerMinute) {
    KeySecret secret = new KeySecret("", "", "0".repeat(64));
    KeySettings settings =
        new KeySettings("a", secret, "t", List.of(), 0, tokensPerMinute, 0, 0, null);
    return Keyring.NONE.next(List.of(settings), Budget.Tariff.NONE).keys().iterator().next();
  }

  private void assertInternalError() {
    assertThat(exchange.status).isEqualTo(500);
    assertThat(exchange.body.toString()).contains("internal error").doesNotContain("secret");
  }

  private void handle(UnaryOperator<String> route, InferenceService service, String body) {
    handle(route, service, body, null);
  }

  private void handle(UnaryOperator<String> route, InferenceService service, String body, Key key) {
    handle(exchange, route, service, body, key);
  }

  private void handle(
      FakeExchange exchange,
      UnaryOperator<String> route,
      InferenceService service,
      String body,
      Key key) {
    RequestReader reader =
        new RequestReader(
            Completions.DEFINITION,
            Bounds.PUBLISHED,
            Repetition.REPLICATE,
            model -> new ModelRoute(route.apply(model), ModelRoute.Mode.SPLIT),
            true);
    Observer observer = new Observer() {};
    Duration hour = Duration.ofHours(1);
    SlowReaders readers = new SlowReaders(vertx, MemoryBudget.unlimited(), hour, observer);
    ResponseWriter writer =
        new ResponseWriter(observer, new FailureLog(), () -> 0, entry -> true, true, readers);
    BodyReader bodies =
        new BodyReader(1000, MemoryBudget.unlimited(), new Deadlines(vertx, hour), hour, hour);
    new InferenceHandler(bodies, reader, service, SampleNumbers.NONE, writer, observer)
        .handle(new RequestContext(exchange.request, AccessListener.NONE, key));
    exchange.play(body);
  }
}
