package dev.refrain.openai.completions;

import dev.refrain.inference.Endpoint;
import dev.refrain.json.Member;
import dev.refrain.json.MergeRule;
import dev.refrain.json.Slice;
import dev.refrain.openai.AnswerShape;
import dev.refrain.openai.ChoiceDelta;
import dev.refrain.openai.EndpointDefinition;
import dev.refrain.openai.Field;
import dev.refrain.openai.RequestSchema;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.RequestSchema.Determinism;
import dev.refrain.openai.StreamingLanguage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code POST /v1/completions} as a value.
 *
 * <p>Source: the OpenAI API reference, Completions; for what servers add, their own documents.
 */
public final class Completions {
  static final Endpoint ENDPOINT =
      new Endpoint("/v1/completions", "completions", "text_completion");

  static final AnswerShape ANSWER =
      new AnswerShape(
          "choices",
          Set.of("stop", "length", "content_filter", "tool_calls"),
          Map.of(
              "text", MergeRule.TEXT,
              "logprobs", MergeRule.GROW,
              "finish_reason", MergeRule.LAST,
              "stop_reason", MergeRule.LAST,
              "token_ids", MergeRule.GROW,
              "prompt_token_ids", MergeRule.FIRST,
              "prompt_logprobs", MergeRule.FIRST));

  /** Its answers. */
  public static final StreamingLanguage LANGUAGE =
      new StreamingLanguage(ENDPOINT, ANSWER, Completions::deltas);

  /** The endpoint. */
  public static final EndpointDefinition DEFINITION =
      new EndpointDefinition(
          new RequestSchema(Completions::fields, Determinism.AT_TEMPERATURE_ZERO),
          ANSWER,
          LANGUAGE);

  private Completions() {}

  private static List<ChoiceDelta.Placed> deltas(String index, String finish, List<Member> choice)
      throws IOException {
    Slice text = ChoiceDelta.value(choice, "text");
    boolean logprobs = ChoiceDelta.value(choice, "logprobs") != null;
    String spelled = text == null ? "" : ChoiceDelta.decoded(text);
    ChoiceDelta delta = new ChoiceDelta(index, spelled, finish);
    return List.of(new ChoiceDelta.Placed(delta, text, logprobs, false));
  }

  private static List<Field> fields(Bounds bounds) {
    List<Field> fields = new ArrayList<>(Field.sampling(bounds));
    fields.add(Field.inputs("prompt"));
    fields.add(Field.text("suffix"));
    fields.add(Field.integer("best_of", 0, bounds.bestOf()));
    fields.add(Field.integer("logprobs", -1, bounds.logprobs()));
    fields.add(Field.flag("echo"));
    return fields;
  }
}
