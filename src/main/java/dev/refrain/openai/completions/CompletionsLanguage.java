package dev.refrain.openai.completions;

import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Language;
import dev.refrain.completion.Part;
import dev.refrain.completion.Proof;
import dev.refrain.openai.AnswerCut;
import dev.refrain.openai.Rendering;
import dev.refrain.openai.StreamEvidence;
import dev.refrain.openai.StreamMerge;
import dev.refrain.openai.UsageCut;
import dev.refrain.openai.WholeMerge;
import dev.refrain.openai.WholeProof;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;

/**
 * The answers of {@code POST /v1/completions}. Stateless; any thread. Whatever is doubtful proves
 * nothing and renders to nothing; no function throws for what a server may have written.
 *
 * <p>Source: the OpenAI API reference, Completions; for what servers add, their own documents.
 */
public final class CompletionsLanguage implements Language {
  @Override
  public Proof proof(Buffer body, int elements) {
    return WholeProof.of(body, elements);
  }

  @Override
  public Evidence evidence(int elements) {
    return new StreamEvidence(elements);
  }

  @Override
  public Optional<Frame> withoutUsage(Frame frame) {
    return UsageCut.from(frame);
  }

  @Override
  public Optional<Buffer> merge(List<Part.Answer> answers) {
    return WholeMerge.of(answers);
  }

  @Override
  public Optional<Cut> cut(Buffer body, List<CompletionRequest> parts) {
    return AnswerCut.of(body, parts);
  }

  @Override
  public Optional<Buffer> unfold(Part.Answer answer) {
    return Rendering.of(answer);
  }

  @Override
  public Merger merger(boolean usage) {
    return new StreamMerge(usage);
  }

  @Override
  public Retelling retelling(List<Frame> told) {
    return new Retold(told);
  }

  @Override
  public Optional<Buffer> render(Entry entry, Framing framing, boolean usage) {
    return Rendering.of(entry, framing, usage);
  }
}
