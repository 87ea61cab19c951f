package dev.refrain.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** However a stream is cut into pieces, it holds the same events, each within the bound. */
class StreamFuzzTest {
  private static final int MOST = 512;
  private static final List<String> WORDS =
      List.of(
          "\n",
          "\r",
          "\r\n",
          "\n\n",
          "\r\r",
          "\r\n\r\n",
          "data:",
          "data: ",
          "data",
          "event: x\n",
          "id: 1\n",
          ": comment\n",
          "retry: 1\n",
          "data: [DONE]\n\n",
          "data: {}\n\n",
          "\u00ef\u00bb\u00bf",
          "\0",
          "x".repeat(600),
          "[DONE]",
          "{\"choices\":[]}");

  @Test
  void anyCutOfTheBytesGivesTheSameEvents() {
    Budget budget = Budget.of(10_000);
    Mutator mutator = new Mutator(budget.seed(), Corpus.of("stream"), WORDS);
    for (int done = 0; budget.allows(done); done++) {
      byte[] stream = mutator.next();
      int[] cuts = mutator.below(2) == 0 ? every(1) : every(1 + mutator.below(40));
      try {
        assertThat(said(stream, cuts)).isEqualTo(said(stream, every(Integer.MAX_VALUE)));
      } catch (RuntimeException | AssertionError wrong) {
        fail("seed " + budget.seed() + ", stream " + Mutator.show(stream), wrong);
      }
    }
  }

  private static int[] every(int bytes) {
    return new int[] {bytes};
  }

  /** The data of every event, then how it ended. */
  private static List<String> said(byte[] stream, int[] cuts) {
    EventSplitter splitter = new EventSplitter(MOST);
    List<String> said = new ArrayList<>();
    try {
      for (int from = 0, i = 0; from < stream.length; i++) {
        int to = (int) Math.min(stream.length, (long) from + cuts[i % cuts.length]);
        splitter.feed(Buffer.buffer(Arrays.copyOfRange(stream, from, to)));
        take(splitter, said);
        from = to;
      }
      said.add(splitter.last().map(StreamFuzzTest::data).orElse("end"));
    } catch (Failure broken) {
      assertThat(broken.kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
      said.add("broken");
    }
    return said;
  }

  private static void take(EventSplitter splitter, List<String> said) {
    for (Frame frame = splitter.next(); frame != null; frame = splitter.next()) {
      assertThat(frame.event().length).isLessThanOrEqualTo(MOST + 4);
      said.add(data(frame));
    }
  }

  private static String data(Frame frame) {
    return new String(
        frame.data(), frame.from(), frame.to() - frame.from(), StandardCharsets.ISO_8859_1);
  }
}
