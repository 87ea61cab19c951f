package dev.refrain.http;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import dev.refrain.inference.Whole;
import dev.refrain.openai.ModelRoute;
import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.openai.RequestReader;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.Samples;
import dev.refrain.openai.completions.Completions;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the access log costs the event loop: the line of a hit, up to the queue. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
public class AccessLogBenchmark {
  private final MultiMap headers = Samples.headers();
  private final HttpServerRequest request =
      (HttpServerRequest)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {HttpServerRequest.class},
              (self, method, arguments) ->
                  switch (method.getName()) {
                    case "method" -> HttpMethod.POST;
                    case "path" -> "/v1/completions";
                    case "headers" -> headers;
                    default -> null;
                  });

  private InferenceRequest asked;
  private InferenceResponse answer;

  /** A hit, and a log that takes what it is given as the queue does. */
  @Setup
  public void hit() {
    ModelRoute route = new ModelRoute("one", ModelRoute.Mode.SPLIT);
    RequestReader reader =
        new RequestReader(
            Completions.DEFINITION, Bounds.PUBLISHED, Repetition.REPLICATE, model -> route, true);
    asked =
        reader.read(
            new CallContext("id", headers),
            "/v1/completions",
            Samples.scope(headers),
            Samples.body(Integer.parseInt(Samples.COMMON), false),
            new Cancellation());
    Shareable sharing = (Shareable) asked.sharing();
    Head head =
        new Head(200, HttpHeaders.headers().add(HttpHeaders.CONTENT_TYPE, "application/json"));
    Entry entry =
        new Entry(
            sharing.fingerprint(),
            Framing.WHOLE,
            head,
            Samples.answer(),
            Tokens.of(20, 63),
            0,
            "m",
            sharing.scope());
    answer =
        new Whole(
            head,
            Samples.answer(),
            entry.completeness(),
            new Provenance(Source.MEMORY, 0, 0),
            Future.succeededFuture(entry));
    Logger logger = (Logger) AccessLog.LOG;
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(new Taker());
  }

  /** The line. */
  @Benchmark
  public void line() {
    AccessLogEntry line = new AccessLogEntry(request, false);
    line.named("4f0c2d4e-1df2-4a43-8a4c-6bb6d1c0a1b7");
    line.authenticated(asked);
    line.responding(answer);
    line.ended(200, 387);
  }

  private static final class Taker extends UnsynchronizedAppenderBase<ILoggingEvent> {
    Taker() {
      start();
    }

    @Override
    protected void append(ILoggingEvent event) {
      event.prepareForDeferredProcessing();
    }
  }
}
