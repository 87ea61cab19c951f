package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.refrain.inference.CallInterceptor;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.testing.FakeRequest;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.upstream.Target.Transport;
import dev.refrain.upstream.Upstream.UpstreamSettings;
import dev.refrain.upstream.UpstreamCall.AnswerLimits;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is told to whoever made the call is not said again, as an error and for nobody. */
class QuietClientTest {
  private final ScriptedUpstream server = ScriptedUpstream.playing(Script.json("{}"));
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context loop = vertx.getOrCreateContext();
  private final Log log = new Log();
  private final Upstream upstream =
      new Upstream(
          new Target(
              "a",
              URI.create(server.url()),
              List.of(),
              null,
              Duration.ofSeconds(20),
              Duration.ofSeconds(20),
              Duration.ofSeconds(20),
              Duration.ofSeconds(20),
              2,
              1,
              Transport.DIRECT),
          new UpstreamSettings(Map.of(), 1, 0, 8, 2, Servers.SECOND, "", Servers.SECOND),
          new Servers().retry(0, 0, 0));
  private final UpstreamCall calls =
      new UpstreamCall(
          vertx,
          HttpClients.ageing(vertx),
          new AnswerLimits(1 << 20, 1 << 20),
          FieldRoles.DEFAULT,
          Observer.NONE,
          CallInterceptor.NONE);

  @BeforeEach
  void listen() {
    Promise<Thread> thread = Promise.promise();
    loop.runOnContext(v -> thread.complete(Thread.currentThread()));
    log.thread = thread.future().await();
    log.start();
    client().addAppender(log);
  }

  @AfterEach
  void close() throws Exception {
    client().detachAppender(log);
    vertx.close().await();
    server.close();
  }

  @Test
  void aConnectionThatIsResetIsAFailureOfItsCallAlone() {
    server.play(Script.silence().cut());
    assertThat(catchThrowable(() -> call(false).await())).hasMessageContaining("the upstream");
    server.play(Script.json("{}"));
    call(false).await();
    assertThat(log.said).isEmpty();
  }

  @Test
  void aCallGivenUpBeforeItHadAConnectionIsNoFailure() {
    Future<InferenceResponse> left = call(true);
    call(false).await(); // begun later, and has come further
    assertThat(left.failed()).isTrue();
    assertThat(server.calls()).isEqualTo(1);
    assertThat(log.said).isEmpty();
  }

  private Future<InferenceResponse> call(boolean leave) {
    Promise<InferenceResponse> answer = Promise.promise();
    loop.runOnContext(
        v -> {
          InferenceRequest request = FakeRequest.alone(Framing.WHOLE);
          Attempt attempt = new Attempt(upstream, Health.Admission.FREE, System.nanoTime());
          calls.call(request, attempt).onComplete(answer);
          if (leave) {
            request.cancellation().cancel();
          }
        });
    return answer.future();
  }

  private static Logger client() {
    return (Logger) LoggerFactory.getLogger("io.vertx");
  }

  /** What was said on this test's event loop; other tests have others. */
  private static final class Log extends AppenderBase<ILoggingEvent> {
    final Queue<String> said = new ConcurrentLinkedQueue<>();
    volatile Thread thread;

    @Override
    protected void append(ILoggingEvent event) {
      if (Thread.currentThread() == thread) {
        said.add(event.getFormattedMessage());
      }
    }
  }
}
