package dev.refrain.openai.embeddings;

import dev.refrain.inference.Completeness;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Language;
import dev.refrain.inference.Part;
import dev.refrain.openai.AnswerCut;
import dev.refrain.openai.AnswerScan.WholeProof;
import dev.refrain.openai.AnswerShape;
import dev.refrain.openai.WholeMerge;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;

/**
 * The answers of {@code POST /v1/embeddings}: documents only. Stateless; any thread. Vectors are
 * copied as they are written, numbers and base64 alike.
 *
 * <p>Source: the OpenAI API reference, Embeddings; docs/internals/decisions/0061.
 */
final class EmbeddingsLanguage implements Language {
  private final AnswerShape shape = Embeddings.ANSWER;

  @Override
  public Endpoint endpoint() {
    return Embeddings.ENDPOINT;
  }

  @Override
  public Completeness completeness(Buffer body, int elements) {
    return WholeProof.of(shape, body, elements);
  }

  @Override
  public Optional<Buffer> render(Entry entry, Framing framing, boolean usage) {
    return framing == Framing.WHOLE && entry.framing() == Framing.WHOLE
        ? Optional.of(entry.body())
        : Optional.empty();
  }

  @Override
  public Optional<Buffer> merge(List<Part.Answer> answers) {
    return WholeMerge.of(shape, answers);
  }

  @Override
  public Optional<Cut> cut(Buffer body, List<InferenceRequest> parts) {
    return AnswerCut.of(shape, body, parts);
  }
}
