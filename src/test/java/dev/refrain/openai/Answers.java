package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.Tokens;
import dev.refrain.openai.completions.Completions;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** Answers for tests, and how to look at them. */
final class Answers {
  static final AnswerShape SHAPE = Completions.DEFINITION.answer();
  static final String USAGE = "{\"prompt_tokens\":5,\"completion_tokens\":7,\"total_tokens\":12}";
  static final String DONE = "data: [DONE]\n\n";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Answers() {}

  static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException broken) {
      throw new AssertionError(text, broken);
    }
  }

  static JsonNode json(Buffer text) {
    return json(text.toString());
  }

  static Frame frame(String json) {
    return Frame.of(json.getBytes(UTF_8));
  }

  static List<Frame> frames(String... json) {
    List<Frame> frames = new ArrayList<>();
    for (String one : json) {
      frames.add(frame(one));
    }
    return frames;
  }

  static String chunk(String text, String reason) {
    return "{\"id\":\"c\",\"choices\":[{\"index\":0,\"text\":\""
        + text
        + "\",\"finish_reason\":"
        + (reason == null ? "null" : "\"" + reason + "\"")
        + "}]}";
  }

  static Entry entry(Framing framing, String body, Tokens tokens) {
    return new Entry(
        Fingerprint.of(new byte[Fingerprint.LENGTH]),
        framing,
        new Head(200, MultiMap.caseInsensitiveMultiMap()),
        Buffer.buffer(body),
        tokens,
        0,
        "m",
        5);
  }

  static Buffer events(List<Frame> frames) {
    Buffer out = Buffer.buffer();
    frames.forEach(frame -> frame.appendTo(out));
    return out;
  }
}
