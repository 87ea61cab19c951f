package dev.refrain.openai.embeddings;

import dev.refrain.inference.Endpoint;
import dev.refrain.openai.AnswerShape;
import dev.refrain.openai.EndpointDefinition;
import dev.refrain.openai.Field;
import dev.refrain.openai.FieldType;
import dev.refrain.openai.RequestSchema;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.RequestSchema.Determinism;
import java.util.List;

/**
 * {@code POST /v1/embeddings} as a value.
 *
 * <p>Source: the OpenAI API reference, Embeddings; docs/internals/decisions/0061.
 */
public final class Embeddings {
  static final Endpoint ENDPOINT = new Endpoint("/v1/embeddings", "embeddings", "embeddings");

  static final AnswerShape ANSWER = new AnswerShape("data", "embedding");

  /** The endpoint. */
  public static final EndpointDefinition DEFINITION =
      new EndpointDefinition(
          new RequestSchema(Embeddings::fields, Determinism.ALWAYS, true),
          ANSWER,
          new EmbeddingsLanguage(),
          false);

  private Embeddings() {}

  private static List<Field> fields(Bounds bounds) {
    return List.of(
        Field.text("model"),
        Field.openInputs("input"),
        Field.of("encoding_format", FieldType.ANY),
        Field.integer("dimensions", 1, Integer.MAX_VALUE));
  }
}
