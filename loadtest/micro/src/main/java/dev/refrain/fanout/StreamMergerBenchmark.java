package dev.refrain.fanout;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Streamed;
import dev.refrain.openai.Samples;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What a frame of 200 bytes costs on its way from one of eight streams into the merged one, and
 * what it costs to hold all of them back and let them go on.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
public class StreamMergerBenchmark {
  private static final int VOICES = 8;
  private static final FanOutSettings SETTINGS =
      new FanOutSettings(
          VOICES, Duration.ofHours(1), Long.MAX_VALUE, Duration.ofMillis(25), Duration.ZERO);

  private final Frame frame = Samples.chunkOf200Bytes();
  private final List<Source> sources = new ArrayList<>();
  private Vertx vertx;
  private Frames merged;
  private Out out;
  private int turn;

  /** A stream that says what it is told. */
  private static final class Source implements Frames {
    private Reader reader;

    @Override
    public void read(Reader to) {
      reader = to;
    }

    @Override
    public void pause() {}

    @Override
    public void resume() {}
  }

  /** Where the merged stream goes. */
  private static final class Out implements Frames.Reader {
    private Blackhole hole;

    @Override
    public void frame(Frame frame) {
      if (hole != null) {
        hole.consume(frame);
      }
    }

    @Override
    public void end() {
      throw new IllegalStateException("no voice has ended");
    }

    @Override
    public void fail(Failure failure) {
      throw failure;
    }
  }

  /** Begins eight streams, and reads them as one. */
  @Setup
  public void begin(Blackhole hole) {
    vertx = Vertx.vertx();
    InferenceRequest request = Samples.sampledStream(VOICES);
    Future<InferenceResponse> answer =
        new StreamMerger(vertx, SETTINGS, Observer.NONE, request, this::answer).answer();
    out = new Out();
    merged = ((Streamed) answer.result()).frames();
    merged.read(out);
    sources.forEach(source -> source.reader.frame(frame));
    out.hole = hole;
  }

  private Future<InferenceResponse> answer(RunningPart part) {
    Source source = new Source();
    sources.add(source);
    Head head = new Head(200, HttpHeaders.headers());
    return Future.succeededFuture(
        Streamed.notStorable(head, source, part.part().request().streams().check(1)));
  }

  /** Lets the clock that bounds the request go. */
  @TearDown
  public void end() {
    vertx.close();
  }

  /** One frame, of another voice each time. */
  @Benchmark
  public void frame() {
    sources.get(turn++ & VOICES - 1).reader.frame(frame);
  }

  /** The reader stops and goes on. */
  @Benchmark
  public void pauseAndResume() {
    merged.pause();
    merged.resume();
  }
}
