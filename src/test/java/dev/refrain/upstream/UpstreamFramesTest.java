package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Deadlines;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.testing.FakeReader;
import dev.refrain.testing.FakeRequest;
import dev.refrain.upstream.UpstreamCall.AnswerLimits;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class UpstreamFramesTest {
  // Time stands still here; WatchTest lets it run.
  private static final Vertx VERTX = FakeResponse.fake(Vertx.class, (method, arguments) -> 1L);
  private static final String DONE = "data: [DONE]\n\n";

  private final InferenceRequest request = FakeRequest.alone(Framing.STREAM);
  private final Upstream server = new Servers().upstream("t");
  private final List<Observer.CallOutcome> callOutcomes = new ArrayList<>();
  private final Exchange exchange =
      new Exchange(
          request,
          new Attempt(server, Health.Admission.FREE, System.nanoTime()),
          new Deadlines(VERTX, 20),
          new AnswerLimits(1000, 1000),
          FieldRoles.DEFAULT,
          new Observer() {
            @Override
            public void upstreamEnded(CallOutcome callOutcome, long nanos) {
              callOutcomes.add(callOutcome);
            }
          });
  private final FakeResponse response = new FakeResponse();
  private final FakeReader reader = new FakeReader();
  private Future<InferenceResponse> answer;
  private Frames frames;

  /** Reads as soon as there is something to read. */
  @BeforeEach
  void start() {
    answer = exchange.start(response.client());
    answer.onSuccess(
        completion -> {
          if (completion instanceof Streamed streamed) {
            frames = streamed.frames();
            frames.read(reader);
          }
        });
  }

  @Test
  void theTerminatorEndsTheStreamAndIsNoFrame() {
    response.send(event("a") + event("b"), DONE);
    assertThat(reader.texts()).containsExactly("a", "b");
    assertThat(reader.ends()).isEqualTo(1);
    response.send(event("nobody's")).end();
    assertThat(reader.texts()).hasSize(2);
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(callOutcomes).containsExactly(Observer.CallOutcome.ANSWERED);
  }

  @Test
  void theEndOfTheBodyEndsAStreamThatIsComplete() {
    response.send(event("end")).end();
    assertThat(reader.failure()).isNull();
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void theEndOfTheBodyBreaksAStreamThatIsNot() {
    response.send(event("a")).end();
    assertThat(reader.failure().kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(callOutcomes).containsExactly(Observer.CallOutcome.FAILED);
  }

  @Test
  void anErrorEventBreaksTheStreamAndIsHandedOnAsItCame() {
    response.send(event("a") + event("error") + event("b"), DONE);
    assertThat(reader.texts()).containsExactly("a");
    assertThat(reader.failure().event().text()).isEqualTo("error");
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void aReaderThatThrowsEndsItsStreamAndTheCall() {
    reader.then(
        text -> {
          throw new IllegalStateException("a defect");
        });
    response.send(event("a") + event("b"), DONE).end();
    assertThat(reader.texts()).containsExactly("a");
    assertThat(reader.failure().kind()).isEqualTo(Failure.Kind.INTERNAL);
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(callOutcomes).containsExactly(Observer.CallOutcome.FAILED);
  }

  @Test
  void anEventOverTheLimitBreaksTheStream() {
    response.send(event("a") + "data: " + "x".repeat(2000));
    assertThat(reader.texts()).containsExactly("a");
    assertThat(reader.failure().kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void whileItIsPausedNothingIsDeliveredAndNothingRead() {
    response.send(event("a"));
    frames.pause();
    response.send(event("b"), DONE);
    assertThat(response.paused).isTrue();
    assertThat(reader.texts()).containsExactly("a");
    frames.resume();
    assertThat(response.paused).isFalse();
    assertThat(reader.texts()).containsExactly("a", "b");
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void aReaderThatPausesWithinACallGetsOneFrameAtATimeOutOfOneChunk() {
    reader.then(text -> frames.pause());
    response.send(event("a") + event("b") + event("c") + DONE);
    assertThat(reader.texts()).containsExactly("a");
    frames.resume();
    assertThat(reader.texts()).containsExactly("a", "b");
    frames.resume();
    frames.resume();
    assertThat(reader.texts()).containsExactly("a", "b", "c");
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void aReaderThatPausedAtTheLastFrameDoesNotHoldTheConnectionBackAfterTheEnd() {
    reader.then(text -> frames.pause());
    response.send(event("a") + DONE).end();
    assertThat(response.paused).isTrue();
    frames.resume();
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(response.paused).as("the end of the body frees the connection").isFalse();
  }

  @Test
  void aReaderThatPausesAndResumesWithinACallMissesNothing() {
    reader.then(
        text -> {
          frames.pause();
          response.send(event(text + "'").repeat(text.length() < 3 ? 1 : 0));
          frames.resume();
        });
    response.send(event("a") + event("b")).send(DONE);
    assertThat(reader.texts()).containsExactly("a", "b", "a'", "b'", "a''", "b''");
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void whatCameBeforeABreakIsDeliveredBeforeIt() {
    response.send(event("a"));
    frames.pause();
    response.deliver(event("b") + event("c"));
    response.broken();
    assertThat(reader.ends()).isZero();
    frames.resume();
    assertThat(reader.texts()).containsExactly("a", "b", "c");
    assertThat(reader.failure().kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void aReaderThatLeavesWithinACallHearsNothingMore() {
    reader.then(text -> request.cancellation().cancel());
    response.send(event("a") + event("b"), DONE);
    response.broken();
    frames.resume();
    assertThat(reader.texts()).containsExactly("a");
    assertThat(reader.ends()).isZero();
    assertThat(response.resets).isEqualTo(1);
    assertThat(callOutcomes).containsExactly(Observer.CallOutcome.CANCELLED);
  }

  @Test
  void withoutAFirstFrameThereIsNoAnswerButAFailure() {
    response.send(": ping", "\n");
    assertThat(answer.isComplete()).isFalse();
    response.end();
    assertThat(((Failure) answer.cause()).kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
    assertThat(reader.ends()).isZero();
  }

  @Test
  void anErrorInsteadOfAFirstFrameIsAnAnswerWithAStatus() {
    response.send(event("error"), DONE);
    assertThat(answer.result().head().status()).isEqualTo(502);
    assertThat(((Whole) answer.result()).body().toString()).isEqualTo("error");
    assertThat(response.resets).isEqualTo(1);
    assertThat(callOutcomes).containsExactly(Observer.CallOutcome.REFUSED);
    response.send(event("nobody's")).end();
    assertThat(reader.ends()).isZero();
  }

  @Test
  void leavingBeforeTheFirstFrameEndsTheCall() {
    request.cancellation().cancel();
    assertThat(((Failure) answer.cause()).kind()).isEqualTo(Failure.Kind.CANCELLED);
    assertThat(response.resets).isEqualTo(1);
    response.send(event("a"), DONE);
    assertThat(reader.texts()).isEmpty();
    assertThat(callOutcomes).containsExactly(Observer.CallOutcome.CANCELLED);
  }

  @RepeatedTest(60)
  void everyFrameComesOnceAndInOrderHoweverItIsCutAndHeldBack(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    reader.then(
        text -> {
          if (random.nextInt(3) == 0) {
            frames.pause();
          }
          if (random.nextInt(4) == 0) {
            frames.resume();
          }
        });
    StringBuilder wire = new StringBuilder();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      expected.add("frame " + i);
      wire.append(event("frame " + i));
    }
    wire.append(DONE);
    for (int at = 0; at < wire.length(); ) {
      int to = Math.min(wire.length(), at + 1 + random.nextInt(60));
      response.send(wire.substring(at, to));
      at = to;
      if (random.nextInt(5) == 0) {
        frames.resume();
      }
    }
    response.end();
    for (int i = 0; i < 200; i++) {
      frames.resume();
    }
    assertThat(reader.texts()).isEqualTo(expected);
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(reader.failure()).isNull();
  }

  private static String event(String text) {
    return "data: " + text + "\n\n";
  }

  /** A response whose body is played by hand; resumed, it delivers what waits within the call. */
  private static final class FakeResponse {
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private Handler<Buffer> chunk;
    private Handler<Void> end;
    private Handler<Throwable> exception;
    private boolean paused;
    private int resets;

    Client client() {
      return fake(Client.class, this::onCall);
    }

    private static <T> T fake(Class<T> type, BiFunction<String, Object[], Object> call) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (self, method, arguments) -> {
                Object result = call.apply(method.getName(), arguments);
                return result != null ? result : self;
              }));
    }

    private Object onCall(String method, Object[] arguments) {
      return switch (method) {
        case "request" -> Future.succeededFuture(fake(HttpClientRequest.class, this::onCall));
        case "isReused" -> false;
        case "end" -> Future.succeededFuture();
        case "response" -> Future.succeededFuture(fake(HttpClientResponse.class, this::onResponse));
        case "abandon" -> ++resets;
        case "exceptionHandler" -> null; // what becomes of the request the future tells as well
        default -> throw new AssertionError(method);
      };
    }

    @SuppressWarnings("unchecked")
    private Object onResponse(String method, Object[] arguments) {
      switch (method) {
        case "statusCode" -> {
          return 200;
        }
        case "headers" -> {
          return HttpHeaders.headers().add("Content-Type", "text/event-stream");
        }
        case "handler" -> chunk = (Handler<Buffer>) arguments[0];
        case "endHandler" -> end = (Handler<Void>) arguments[0];
        case "exceptionHandler" -> exception = (Handler<Throwable>) arguments[0];
        case "pause" -> paused = true;
        case "resume" -> {
          paused = false;
          flush();
        }
        default -> throw new AssertionError(method);
      }
      return null;
    }

    private void flush() {
      while (!paused && !waiting.isEmpty()) {
        waiting.remove().run();
      }
    }

    FakeResponse send(String... chunks) {
      for (String text : chunks) {
        waiting.add(() -> deliver(text));
      }
      flush();
      return this;
    }

    void deliver(String text) {
      chunk.handle(Buffer.buffer(text));
    }

    void end() {
      waiting.add(() -> end.handle(null));
      flush();
    }

    void broken() {
      exception.handle(new IOException("reset"));
    }
  }
}
