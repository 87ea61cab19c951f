package dev.refrain.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.openai.Bounds;
import dev.refrain.openai.ModelRoute;
import dev.refrain.openai.Repetition;
import dev.refrain.openai.RequestReader;
import dev.refrain.openai.completions.Completions;
import dev.refrain.testing.FakeNext;
import io.vertx.core.Vertx;
import java.time.Duration;
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
  void aFailureIsAnsweredWithItsStatus() {
    next.fail(Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, "late"));
    handle(model -> model, next, BODY);
    assertThat(exchange.status).isEqualTo(504);
  }

  private void assertInternalError() {
    assertThat(exchange.status).isEqualTo(500);
    assertThat(exchange.body.toString()).contains("internal error").doesNotContain("secret");
  }

  private void handle(UnaryOperator<String> route, InferenceService service, String body) {
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
    new InferenceHandler(bodies, reader, service, writer, observer)
        .handle(new RequestContext(exchange.request, AccessListener.NONE));
    exchange.play(body);
  }
}
