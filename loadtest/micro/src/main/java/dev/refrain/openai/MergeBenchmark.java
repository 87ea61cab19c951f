package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Language.Merger;
import dev.refrain.inference.Part;
import dev.refrain.openai.completions.Completions;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * What it costs to make one answer of several: for each frame of a stream, and for eight documents
 * of a kilobyte each; and what the same walk over a frame or a document would cost Jackson.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
public class MergeBenchmark {
  private static final JsonFactory JACKSON = new JsonFactory();

  private static final int PARTS = 8;
  private static final int BYTES = 1024;

  private final Merger merger = Completions.LANGUAGE.merger(false, false);
  private final Frame frame = Samples.chunk();
  private final List<Part.Answer> answers = new ArrayList<>();
  private final byte[] document = document(0);
  private Part part;
  private Part copies;

  /** Cuts a request into parts, and lets the merger see a first frame. */
  @Setup
  public void divide() {
    for (int i = 0; i < PARTS; i++) {
      answers.add(new Part.Answer(part(i, 1), Buffer.buffer(document(i))));
    }
    part = part(5, 1);
    copies = part(5, 4);
    merger.frames(part(0, 1), Frame.of(document(7))).forEachRemaining(first -> {});
    if (Completions.LANGUAGE.merge(answers).isEmpty()) {
      throw new IllegalStateException("the sample is no answer");
    }
  }

  /** One frame, its id and its index written anew. */
  @Benchmark
  public void frame(Blackhole hole) {
    merger.frames(part, frame).forEachRemaining(hole::consume);
  }

  /** One frame, for four copies of its choice. */
  @Benchmark
  public void frameOfFourCopies(Blackhole hole) {
    merger.frames(copies, frame).forEachRemaining(hole::consume);
  }

  /** Eight documents of a kilobyte. */
  @Benchmark
  public Optional<Buffer> whole() {
    return Completions.LANGUAGE.merge(answers);
  }

  /** Finding the places in a frame. */
  @Benchmark
  public AnswerLayout outlineOfFrame() throws IOException {
    return AnswerLayout.of(Completions.DEFINITION.answer(), frame.data(), frame.from(), frame.to());
  }

  /** Finding the same with Jackson. */
  @Benchmark
  public int jacksonOfFrame() throws IOException {
    return places(frame.data(), frame.from(), frame.to());
  }

  /** Finding the places in a document. */
  @Benchmark
  public AnswerLayout outlineOfDocument() throws IOException {
    return AnswerLayout.of(Completions.DEFINITION.answer(), document, 0, document.length);
  }

  /** Finding the same with Jackson. */
  @Benchmark
  public int jacksonOfDocument() throws IOException {
    return places(document, 0, document.length);
  }

  private static Part part(int index, int copies) {
    return new Part(Samples.request(Samples.body(200, false)), index, index, copies);
  }

  private static byte[] document(int part) {
    String before =
        "{\"id\":\"cmpl-7QmVI15qgYVllxK0FtxVGG6ywfz"
            + part
            + "\",\"object\":\"text_completion\",\"created\":1686617332,\"model\":\"qwen\","
            + "\"choices\":[{\"text\":\"";
    String after =
        "\",\"index\":0,\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":"
            + "{\"prompt_tokens\":20,\"completion_tokens\":63,\"total_tokens\":83}}";
    StringBuilder text = new StringBuilder();
    while (before.length() + text.length() + after.length() < BYTES) {
      text.append("A line of words, as they come.\\n");
    }
    return Buffer.buffer(before + text + after).getBytes();
  }

  /** The leanest way to the places by way of Jackson: their offsets, added up. */
  private static int places(byte[] bytes, int from, int to) throws IOException {
    int places = 0;
    try (JsonParser parser = JACKSON.createParser(bytes, from, to - from)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("choices") && value == JsonToken.START_ARRAY) {
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            places += choice(parser);
          }
        } else if (name.equals("id") || name.equals("usage")) {
          places += place(parser);
        } else {
          parser.skipChildren();
        }
      }
      parser.nextToken();
    }
    return places;
  }

  private static int choice(JsonParser parser) throws IOException {
    int places = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean index = parser.currentName().equals("index");
      parser.nextToken();
      places += index ? place(parser) : 0;
      parser.skipChildren();
    }
    return places;
  }

  private static int place(JsonParser parser) throws IOException {
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    parser.finishToken();
    return from + (int) parser.currentLocation().getByteOffset();
  }
}
