package dev.refrain.openai;

import static dev.refrain.inference.Framing.STREAM;
import static dev.refrain.inference.Framing.WHOLE;
import static dev.refrain.openai.Answers.DONE;
import static dev.refrain.openai.Answers.USAGE;
import static dev.refrain.openai.Answers.chunk;
import static dev.refrain.openai.Answers.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Part;
import dev.refrain.inference.Tokens;
import dev.refrain.openai.completions.Completions;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RenderingTest {
  private static final Tokens TOKENS = Tokens.of(5, 7);
  private static final String ONE = "data:" + chunk("a", null) + "\r\n\r\n";
  private static final String TWO = "data: " + chunk("b", "stop") + "\n\n";
  private static final String LAST =
      "data: {\"id\":\"c\",\"choices\":[],\"usage\":" + USAGE + "}\n\n";
  private static final String BODY = withUsage(chunk("ab", "stop"));

  private final StreamingLanguage language = Completions.LANGUAGE;

  @Test
  void aKeptDocumentIsServedAsItIs() {
    Entry kept = entry(WHOLE, BODY, TOKENS);
    assertThat(language.render(kept, WHOLE, false)).containsSame(kept.body());
  }

  @Test
  void aPartsDocumentIsUnfoldedIfItHasTheChoicesOfItsPart() {
    String one = chunk("ab", "stop");
    assertThat(unfolded(BODY)).contains("data: " + one + "\n\n" + LAST + DONE);
    assertThat(unfolded(one)).contains("data: " + one + "\n\n" + DONE);
    assertThat(unfolded("{\"choices\":[]}")).isEmpty();
    assertThat(unfolded("{\"choices\":[{\"index\":0},{\"index\":1}]}")).isEmpty();
    assertThat(unfolded("{\"error\":{}}")).isEmpty();
    assertThat(unfolded("<html>")).isEmpty();
  }

  private Optional<String> unfolded(String body) {
    Part part = new Part(FakeRequest.alone(STREAM), 0, 0, 1);
    return language.unfold(new Part.Answer(part, Buffer.buffer(body))).map(Buffer::toString);
  }

  @Test
  void aKeptStreamIsReplayedEventByEvent() {
    Entry kept = entry(STREAM, ONE + TWO + LAST, TOKENS);
    assertRenders(kept, true, ONE + TWO + LAST + DONE);
    assertRenders(kept, false, ONE + TWO + DONE);
    assertThat(kept.body()).hasToString(ONE + TWO + LAST);
  }

  @Test
  void aKeptStreamLosesUsageWhereverItStands() {
    String nulls =
        ONE.replace("}]}", "}],\"usage\":null}") + TWO.replace("{\"id\"", "{\"usage\":null,\"id\"");
    assertRenders(entry(STREAM, nulls + LAST, TOKENS), false, ONE + TWO + DONE);
  }

  @Test
  void aKeptStreamWithoutUsageServesOnlyThoseWhoDoNotAskForIt() {
    Entry kept = entry(STREAM, ONE + TWO, Tokens.UNKNOWN);
    assertRenders(kept, false, ONE + TWO + DONE);
    assertThat(language.render(kept, STREAM, true)).isEmpty();
    assertThat(language.render(kept, WHOLE, false)).isEmpty();
  }

  @Test
  void aKeptStreamAnswersAPlainRequest() {
    Entry kept = entry(STREAM, ONE + TWO + LAST, TOKENS);
    assertThat(language.render(kept, WHOLE, false)).map(Buffer::toString).contains(BODY);
  }

  @Test
  void whatIsMadeToBeKeptTakesNoMoreMemoryThanItHasBytes() {
    Entry kept = entry(STREAM, ONE + TWO + LAST, TOKENS);
    Buffer body = language.render(kept, WHOLE, false).orElseThrow();
    assertThat(((BufferInternal) body).getByteBuf().array()).hasSize(body.length());
  }

  @Test
  void aKeptDocumentAnswersAStream() {
    Entry kept = entry(WHOLE, BODY, TOKENS);
    assertRenders(kept, false, "data: " + chunk("ab", "stop") + "\n\n" + DONE);
    assertRenders(kept, true, "data: " + chunk("ab", "stop") + "\n\n" + LAST + DONE);
  }

  @Test
  void aKeptDocumentWithoutUsageServesOnlyThoseWhoDoNotAskForIt() {
    Entry kept = entry(WHOLE, chunk("ab", "stop"), Tokens.UNKNOWN);
    assertRenders(kept, false, "data: " + chunk("ab", "stop") + "\n\n" + DONE);
    assertThat(language.render(kept, STREAM, true)).isEmpty();
  }

  @Test
  void garbageIsAMissAndNoException() {
    for (String garbage : new String[] {"", "x", "data: x", "data: x\n\n", "{", "\uFEFF", "\r"}) {
      assertThat(language.render(entry(STREAM, garbage, TOKENS), WHOLE, false)).isEmpty();
      assertThat(language.render(entry(WHOLE, garbage, TOKENS), STREAM, false)).isEmpty();
    }
    assertThat(language.render(entry(STREAM, ONE + "data: {", TOKENS), STREAM, false)).isEmpty();
  }

  private void assertRenders(Entry kept, boolean usage, String stream) {
    assertThat(language.render(kept, STREAM, usage)).map(Buffer::toString).contains(stream);
  }

  private static String withUsage(String chunk) {
    return chunk.substring(0, chunk.length() - 1) + ",\"usage\":" + USAGE + "}";
  }
}
