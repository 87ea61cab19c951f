package dev.refrain.openai.chat;

import dev.refrain.inference.Endpoint;
import dev.refrain.json.MergeRule;
import dev.refrain.openai.AnswerShape;
import dev.refrain.openai.EndpointDefinition;
import dev.refrain.openai.Field;
import dev.refrain.openai.FieldType;
import dev.refrain.openai.RequestSchema;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.RequestSchema.Determinism;
import dev.refrain.openai.StreamingLanguage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code POST /v1/chat/completions} as a value.
 *
 * <p>Source: the OpenAI API reference, Chat; for what servers add, their own documents.
 */
public final class Chat {
  static final Endpoint ENDPOINT = new Endpoint("/v1/chat/completions", "chat", "chat");

  private static final MergeRule.Members FUNCTION =
      new MergeRule.Members(Map.of("name", MergeRule.ONCE, "arguments", MergeRule.TEXT));

  private static final MergeRule.Members CALL =
      new MergeRule.Members(
          Map.of("id", MergeRule.CONSTANT, "type", MergeRule.CONSTANT, "function", FUNCTION));

  private static final MergeRule.Members DELTA =
      new MergeRule.Members(
          Map.of(
              "role", MergeRule.CONSTANT,
              "content", MergeRule.TEXT,
              "refusal", MergeRule.TEXT,
              "reasoning_content", MergeRule.TEXT,
              "reasoning", MergeRule.TEXT,
              "tool_calls", new MergeRule.Indexed(CALL),
              "function_call", FUNCTION));

  static final AnswerShape ANSWER =
      new AnswerShape(
          "choices",
          Set.of("stop", "length", "content_filter", "tool_calls", "function_call"),
          Map.of(
              "delta", DELTA,
              "logprobs", MergeRule.GROW,
              "finish_reason", MergeRule.LAST,
              "stop_reason", MergeRule.LAST,
              "token_ids", MergeRule.GROW,
              "prompt_token_ids", MergeRule.FIRST),
          new AnswerShape.Chunks(
              "chat.completion",
              "chat.completion.chunk",
              "message",
              "delta",
              MessageChunks.PIECES,
              MessageChunks::of));

  /** Its answers. */
  public static final StreamingLanguage LANGUAGE =
      new StreamingLanguage(ENDPOINT, ANSWER, MessageDeltas::of);

  /** The endpoint. */
  public static final EndpointDefinition DEFINITION =
      new EndpointDefinition(
          new RequestSchema(Chat::fields, Determinism.AT_TEMPERATURE_ZERO),
          ANSWER,
          LANGUAGE,
          false);

  private Chat() {}

  private static List<Field> fields(Bounds bounds) {
    List<Field> fields = new ArrayList<>(Field.sampling(bounds));
    fields.add(Field.of("messages", FieldType.MESSAGES));
    fields.add(Field.integer("max_completion_tokens", -1, Integer.MAX_VALUE));
    fields.add(Field.flag("logprobs"));
    fields.add(Field.integer("top_logprobs", -1, Integer.MAX_VALUE));
    fields.add(Field.flag("parallel_tool_calls"));
    fields.add(Field.of("modalities", FieldType.MODALITIES));
    fields.add(Field.stateful("web_search_options")); // the web is another one tomorrow
    return fields;
  }
}
