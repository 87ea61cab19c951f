package dev.refrain.cache;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Entry;
import dev.refrain.inference.FieldDigests;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Tokens;
import dev.refrain.openai.ModelRoute;
import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.openai.RequestReader;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.Samples;
import dev.refrain.openai.completions.Completions;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a hit in memory costs between the HTTP server's two ends: the body is here, and the answer
 * is ready to be written. The difference to {@code RequestBenchmark.read} is the cache itself.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
public class HitBenchmark {
  /** Bytes of the body. */
  @Param({Samples.SMALL, Samples.COMMON, Samples.LARGE})
  public int size;

  /** Whether the caller wants the kept document as a stream. */
  @Param({"false", "true"})
  public boolean stream;

  private static final ModelRoute ROUTE = new ModelRoute("one", ModelRoute.Mode.SPLIT);

  private final MultiMap headers = Samples.headers();
  private final RequestReader reader =
      new RequestReader(
          Completions.DEFINITION, Bounds.PUBLISHED, Repetition.REPLICATE, model -> ROUTE, true);

  private Buffer body;
  private MemoryCache cache;

  /** Keeps an answer, and has it rendered by a first hit. */
  @Setup
  public void keep() {
    body = Samples.body(size, stream);
    MemoryStore store =
        new MemoryStore(
            1 << 20,
            1 << 20,
            Duration.ofDays(1),
            Duration.ZERO,
            System::currentTimeMillis,
            new PurgeMarks(Duration.ofDays(1), System::currentTimeMillis));
    cache = new MemoryCache(store, Observer.NONE, (request, key) -> Future.failedFuture("a miss"));
    if (store.put(entry(), FieldDigests.NONE).isPresent() || !hit().succeeded()) {
      throw new IllegalStateException("the answer was not kept");
    }
  }

  private Entry entry() {
    MultiMap head = HttpHeaders.headers().add(HttpHeaders.CONTENT_TYPE, "application/json");
    return new Entry(
        ((Shareable) read().sharing()).fingerprint(),
        Framing.WHOLE,
        new Head(200, head),
        Samples.answer(),
        Tokens.of(20, 63),
        System.currentTimeMillis(),
        "m",
        5);
  }

  private InferenceRequest read() {
    return reader.read(
        new CallContext("id", headers),
        "/v1/completions",
        Samples.scope(headers),
        body,
        new Cancellation());
  }

  /** Reads the request and finds its answer. */
  @Benchmark
  public Future<InferenceResponse> hit() {
    InferenceRequest request = read();
    return cache.respond(request, (Shareable) request.sharing());
  }
}
