package dev.refrain.openai;

import dev.refrain.inference.Frame;
import dev.refrain.openai.completions.Completions;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a stream costs on its way through: the proof that it is whole and the cut of its usage, for
 * each frame; and what it costs to turn a kept answer from one framing into the other, which is
 * done once for each answer and not for each hit.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
public class StreamBenchmark {
  private final List<Frame> chunks = Samples.chunks();
  private final Frame usage = Samples.chunk();
  private final Frame noUsage = Samples.chunkWithoutUsage();
  private Buffer folded;

  /** Makes sure that the frames are a whole answer, or nothing worth measuring is measured. */
  @Setup
  public void prove() {
    folded = Fold.of(Completions.DEFINITION.answer(), chunks).orElseThrow();
    if (!evidence().complete()
        || Unfold.of(Completions.DEFINITION.answer(), folded, true).isEmpty()) {
      throw new IllegalStateException("the sample is no answer");
    }
  }

  /** The proof, for one frame. */
  @Benchmark
  @OperationsPerInvocation(Samples.CHUNKS)
  public StreamEvidence evidence() {
    StreamEvidence evidence = new StreamEvidence(Completions.DEFINITION.answer(), 1);
    for (Frame chunk : chunks) {
      evidence.add(chunk);
    }
    return evidence;
  }

  /** The cut, from a frame that ends in {@code "usage":null}. */
  @Benchmark
  public Optional<Frame> withoutUsage() {
    return UsageStripper.from(Completions.DEFINITION.answer(), usage);
  }

  /** The cut, from a frame that has no usage, and is searched to its end. */
  @Benchmark
  public Optional<Frame> withoutUsageNone() {
    return UsageStripper.from(Completions.DEFINITION.answer(), noUsage);
  }

  /** A document from all the frames of an answer. */
  @Benchmark
  public Optional<Buffer> fold() {
    return Fold.of(Completions.DEFINITION.answer(), chunks);
  }

  /** Frames from a document. */
  @Benchmark
  public Optional<List<Frame>> unfold() {
    return Unfold.of(Completions.DEFINITION.answer(), folded, true);
  }
}
