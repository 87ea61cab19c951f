package dev.refrain.openai;

import dev.refrain.inference.Frame;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What it costs to find one event in a stream, when the upstream sends each by itself and when they
 * come many at a time and cut anywhere.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
public class SplitBenchmark {
  private static final int EVENTS = 320;
  private static final int EVENT = 191;

  /** Bytes of a buffer: those of one event, or as much as a socket gives at once. */
  @Param({"191", "16384"})
  public int buffer;

  private List<Buffer> buffers;

  /** Cuts the stream. */
  @Setup
  public void cut() {
    String payload = "{\"choices\":[{\"index\":0,\"text\":\"";
    String rest = "\"}]}";
    int padding = EVENT - "data: \n\n".length() - payload.length() - rest.length();
    String event = "data: " + payload + "x".repeat(padding) + rest + "\n\n";
    Buffer stream = Buffer.buffer(event.repeat(EVENTS));
    buffers = new ArrayList<>();
    for (int at = 0; at < stream.length(); at += buffer) {
      buffers.add(stream.getBuffer(at, Math.min(stream.length(), at + buffer)));
    }
  }

  /** One event. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void split(Blackhole hole) {
    EventSplitter splitter = new EventSplitter(1 << 20);
    for (Buffer next : buffers) {
      splitter.feed(next);
      for (Frame frame = splitter.next(); frame != null; frame = splitter.next()) {
        hole.consume(frame);
      }
    }
  }
}
