package dev.refrain.demo;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Reads the body of {@code POST /v1/completions}. Pure.
 *
 * <p>Source: OpenAI API reference, "Create completion".
 */
final class QuestionReader {
  private static final int MOST_CHOICES = 4096;
  private static final int MOST_STOPS = 4;

  /** A plain answer is written in one piece and therefore bounded; a stream is not. */
  private static final long MOST_PLAIN_TOKENS = 1 << 20;

  private QuestionReader() {}

  static Question read(Buffer body) throws InvalidQuestion {
    Fields fields = new Fields(parse(body));
    boolean stream = fields.flag("stream");
    Question question =
        new Question(
            fields.text("model"),
            prompts(fields.value("prompt")),
            (int) fields.integer("max_tokens", 16, 0, Integer.MAX_VALUE),
            (int) fields.integer("n", 1, 1, 128),
            fields.number("temperature", 1, 2),
            seed(fields),
            stops(fields.value("stop")),
            fields.flag("echo"),
            (int) fields.integer("logprobs", -1, 0, 5),
            stream,
            includeUsage(fields, stream));
    return bounded(question);
  }

  private static JsonObject parse(Buffer body) throws InvalidQuestion {
    try {
      if (body != null && Json.decodeValue(body) instanceof JsonObject object) {
        return object;
      }
    } catch (DecodeException e) {
      throw new InvalidQuestion(null, "The body is not JSON.");
    }
    throw new InvalidQuestion(null, "The body is not a JSON object.");
  }

  private static Question bounded(Question question) throws InvalidQuestion {
    long choices = question.choices();
    if (choices > MOST_CHOICES) {
      throw Fields.invalid("prompt", "at most " + MOST_CHOICES + " choices");
    }
    if (!question.stream() && choices * question.maxTokens() > MOST_PLAIN_TOKENS) {
      throw Fields.invalid("max_tokens", "at most " + MOST_PLAIN_TOKENS + " tokens in one answer");
    }
    return question;
  }

  private static OptionalLong seed(Fields fields) throws InvalidQuestion {
    long seed = fields.integer("seed", 0, Long.MIN_VALUE, Long.MAX_VALUE);
    return fields.value("seed") == null ? OptionalLong.empty() : OptionalLong.of(seed);
  }

  private static boolean includeUsage(Fields fields, boolean stream) throws InvalidQuestion {
    JsonObject options = fields.object("stream_options");
    if (options == null) {
      return false;
    }
    if (!stream) {
      throw Fields.invalid("stream_options", "only with stream");
    }
    return new Fields(options).flag("include_usage");
  }

  private static List<Prompt> prompts(Object value) throws InvalidQuestion {
    if (value == null) {
      return List.of(Prompt.text("<|endoftext|>"));
    }
    if (value instanceof JsonArray array && !isTokens(array)) {
      List<Prompt> prompts = new ArrayList<>(array.size());
      for (Object element : array) {
        prompts.add(prompt(element));
      }
      return prompts;
    }
    return List.of(prompt(value));
  }

  private static Prompt prompt(Object value) throws InvalidQuestion {
    if (value instanceof String text) {
      return Prompt.text(text);
    }
    if (value instanceof JsonArray array && isTokens(array)) {
      return Prompt.tokens(array);
    }
    throw Fields.invalid("prompt", "a string, or an array of strings, tokens or token arrays");
  }

  /** An empty array counts as tokens, and so as one empty prompt rather than none. */
  private static boolean isTokens(JsonArray array) {
    return array.stream().allMatch(Fields::isInteger);
  }

  private static Stops stops(Object value) throws InvalidQuestion {
    List<?> values = value instanceof JsonArray array ? array.getList() : listOf(value);
    boolean texts = values.stream().allMatch(stop -> stop instanceof String s && !s.isEmpty());
    if (texts && values.size() <= MOST_STOPS) {
      return new Stops(values.stream().map(String.class::cast).toList());
    }
    throw Fields.invalid("stop", "a string or up to " + MOST_STOPS + " strings");
  }

  private static List<?> listOf(Object value) {
    return value == null ? List.of() : List.of(value);
  }
}
