package dev.refrain.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * An upstream for one choice of one prompt that ends in the number of bytes wanted. Answers once a
 * gate is open, and counts the calls that are under way at once.
 */
final class SizedStreamUpstream implements Function<Received, Script> {
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostAtOnce = new AtomicInteger();
  private final Gate gate;

  private SizedStreamUpstream(Gate gate) {
    this.gate = gate;
  }

  static SizedStreamUpstream waiting(Gate gate) {
    return new SizedStreamUpstream(gate);
  }

  static SizedStreamUpstream ready() {
    Gate open = new Gate();
    open.open();
    return new SizedStreamUpstream(open);
  }

  /** The most calls that there were at once. */
  int mostAtOnce() {
    return mostAtOnce.get();
  }

  /** The text of a choice: prompt and seed, and dots until it is long enough. */
  static String text(String prompt, int seed) {
    String begin = prompt + "/" + seed + " ";
    int length = Integer.parseInt(prompt.substring(prompt.lastIndexOf(' ') + 1));
    return begin + ".".repeat(length - begin.length());
  }

  @Override
  public Script apply(Received request) {
    mostAtOnce.accumulateAndGet(underWay.incrementAndGet(), Math::max);
    JsonNode asked = request.json();
    String text = text(asked.path("prompt").asText(), asked.path("seed").asInt());
    return request.wantsStream() ? stream(text) : document(text);
  }

  private Script document(String text) {
    String document = Examples.ANSWER.replace("\\n\\nThis is indeed a test", text);
    List<String> head = List.of("Content-Type: application/json", "Transfer-Encoding: chunked");
    return Script.silence().pause(gate).head(200, head).chunks(1, i -> last(document)).end();
  }

  private Script stream(String text) {
    return Script.events()
        .data(Examples.chunk(text.substring(0, 1), null))
        .pause(gate)
        .data(Examples.chunk(text.substring(1), "stop"))
        .data(Examples.usage())
        .chunks(1, i -> last("data: [DONE]\n\n"))
        .end();
  }

  private String last(String text) {
    underWay.decrementAndGet(); // before it is written, for then another call may begin
    return text;
  }
}
