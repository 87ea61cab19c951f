package dev.refrain.demo;

import dev.refrain.demo.BodyFields.InvalidRequest;
import dev.refrain.demo.ChoiceGenerator.StopSequences;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the bodies of requests. Pure.
 *
 * <p>Source: OpenAI API reference, "Create completion" and "Create chat completion".
 */
final class SimulatedRequestReader {
  private static final int MOST_CHOICES = 4096;
  private static final int MOST_STOPS = 4;

  /** A plain answer is written in one piece and therefore bounded; a stream is not. */
  private static final long MOST_PLAIN_TOKENS = 1 << 20;

  private SimulatedRequestReader() {}

  static SimulatedRequest read(Buffer body) throws InvalidRequest {
    BodyFields bodyFields = new BodyFields(parse(body));
    boolean stream = bodyFields.flag("stream");
    SimulatedRequest request =
        new SimulatedRequest(
            bodyFields.text("model"),
            prompts(bodyFields.value("prompt")),
            (int) bodyFields.integer("max_tokens", 16, 0, Integer.MAX_VALUE),
            (int) bodyFields.integer("n", 1, 1, 128),
            bodyFields.number("temperature", 1, 2),
            seed(bodyFields),
            stopSequences(bodyFields.value("stop")),
            bodyFields.flag("echo"),
            (int) bodyFields.integer("logprobs", -1, 0, 5),
            stream,
            includeUsage(bodyFields, stream),
            Optional.empty(),
            false);
    return bounded(request);
  }

  /** Reads the body of {@code POST /v1/chat/completions}. */
  static SimulatedRequest readChat(Buffer body) throws InvalidRequest {
    BodyFields bodyFields = new BodyFields(parse(body));
    boolean stream = bodyFields.flag("stream");
    boolean logprobs = bodyFields.flag("logprobs");
    long most = bodyFields.integer("max_tokens", 16, 0, Integer.MAX_VALUE);
    SimulatedRequest request =
        new SimulatedRequest(
            bodyFields.text("model"),
            List.of(conversation(bodyFields)),
            (int) bodyFields.integer("max_completion_tokens", most, 0, Integer.MAX_VALUE),
            (int) bodyFields.integer("n", 1, 1, 128),
            bodyFields.number("temperature", 1, 2),
            seed(bodyFields),
            stopSequences(bodyFields.value("stop")),
            false,
            logprobs ? (int) bodyFields.integer("top_logprobs", 0, 0, 20) : -1,
            stream,
            includeUsage(bodyFields, stream),
            Optional.of(
                new SimulatedRequest.Chat(
                    tool(bodyFields), bodyFields.value("reasoning_effort") != null)),
            false);
    return bounded(request);
  }

  private static Prompt conversation(BodyFields bodyFields) throws InvalidRequest {
    if (bodyFields.value("messages") instanceof JsonArray messages && !messages.isEmpty()) {
      return Prompt.text(messages.encode());
    }
    throw BodyFields.invalid("messages", "an array of one message at least");
  }

  private static Optional<String> tool(BodyFields bodyFields) throws InvalidRequest {
    if ("none".equals(bodyFields.value("tool_choice"))) {
      return Optional.empty();
    }
    Object tools = bodyFields.value("tools");
    if (tools == null || tools instanceof JsonArray none && none.isEmpty()) {
      return Optional.empty();
    }
    if (tools instanceof JsonArray all && all.getValue(0) instanceof JsonObject first) {
      JsonObject function = first.getJsonObject("function", new JsonObject());
      return Optional.of(function.getString("name", ""));
    }
    throw BodyFields.invalid("tools", "an array of tools");
  }

  static JsonObject parse(Buffer body) throws InvalidRequest {
    try {
      if (body != null && Json.decodeValue(body) instanceof JsonObject object) {
        return object;
      }
    } catch (DecodeException e) {
      throw new InvalidRequest(null, "The body is not JSON.");
    }
    throw new InvalidRequest(null, "The body is not a JSON object.");
  }

  private static SimulatedRequest bounded(SimulatedRequest request) throws InvalidRequest {
    long choices = request.choices();
    if (choices > MOST_CHOICES) {
      throw BodyFields.invalid("prompt", "at most " + MOST_CHOICES + " choices");
    }
    if (!request.stream() && choices * request.maxTokens() > MOST_PLAIN_TOKENS) {
      throw BodyFields.invalid(
          "max_tokens", "at most " + MOST_PLAIN_TOKENS + " tokens in one answer");
    }
    return request;
  }

  private static OptionalLong seed(BodyFields bodyFields) throws InvalidRequest {
    long seed = bodyFields.integer("seed", 0, Long.MIN_VALUE, Long.MAX_VALUE);
    return bodyFields.value("seed") == null ? OptionalLong.empty() : OptionalLong.of(seed);
  }

  private static boolean includeUsage(BodyFields bodyFields, boolean stream) throws InvalidRequest {
    JsonObject options = bodyFields.object("stream_options");
    if (options == null) {
      return false;
    }
    if (!stream) {
      throw BodyFields.invalid("stream_options", "only with stream");
    }
    return new BodyFields(options).flag("include_usage");
  }

  static List<Prompt> prompts(Object value) throws InvalidRequest {
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

  private static Prompt prompt(Object value) throws InvalidRequest {
    if (value instanceof String text) {
      return Prompt.text(text);
    }
    if (value instanceof JsonArray array && isTokens(array)) {
      return Prompt.tokens(array);
    }
    throw BodyFields.invalid("prompt", "a string, or an array of strings, tokens or token arrays");
  }

  /** An empty array counts as tokens, and so as one empty prompt rather than none. */
  private static boolean isTokens(JsonArray array) {
    return array.stream().allMatch(BodyFields::isInteger);
  }

  private static StopSequences stopSequences(Object value) throws InvalidRequest {
    List<?> values = value instanceof JsonArray array ? array.getList() : listOf(value);
    boolean texts = values.stream().allMatch(stop -> stop instanceof String s && !s.isEmpty());
    if (texts && values.size() <= MOST_STOPS) {
      return new StopSequences(values.stream().map(String.class::cast).toList());
    }
    throw BodyFields.invalid("stop", "a string or up to " + MOST_STOPS + " strings");
  }

  private static List<?> listOf(Object value) {
    return value == null ? List.of() : List.of(value);
  }
}
