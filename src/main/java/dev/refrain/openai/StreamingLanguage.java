package dev.refrain.openai;

import dev.refrain.inference.Completeness;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Language;
import dev.refrain.inference.Part;
import dev.refrain.openai.AnswerScan.WholeProof;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;

/**
 * The answers of an endpoint that may be streamed, by their shape. Stateless; any thread. Whatever
 * is doubtful proves nothing and renders to nothing; no function throws for what a server may have
 * written.
 */
public final class StreamingLanguage implements Language, Language.Streams {
  private final Endpoint endpoint;
  private final AnswerShape shape;
  private final ChoiceDelta.Reader deltas;
  private final Optional<Streams> streams = Optional.of(this);

  /**
   * The language of an endpoint.
   *
   * @param deltas finds in a chunk what a repeated stream is compared by
   */
  public StreamingLanguage(Endpoint endpoint, AnswerShape shape, ChoiceDelta.Reader deltas) {
    this.endpoint = endpoint;
    this.shape = shape;
    this.deltas = deltas;
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public Optional<Streams> streams() {
    return streams;
  }

  @Override
  public Completeness completeness(Buffer body, int elements) {
    return WholeProof.of(shape, body, elements);
  }

  @Override
  public CompletenessCheck check(int elements) {
    return new StreamEvidence(shape, elements);
  }

  @Override
  public Optional<Frame> withoutUsage(Frame frame) {
    return UsageStripper.from(shape, frame);
  }

  @Override
  public Frame withMembersBesideUsage(Frame last, Frame next) {
    return UsageStripper.withMembersBeside(shape, last, next);
  }

  @Override
  public Buffer storable(Buffer events) {
    return Obfuscation.removed(events);
  }

  @Override
  public Optional<Buffer> merge(List<Part.Answer> answers) {
    return WholeMerge.of(shape, answers);
  }

  @Override
  public Optional<Cut> cut(Buffer body, List<InferenceRequest> parts) {
    return AnswerCut.of(shape, body, parts);
  }

  @Override
  public Optional<Buffer> fold(Buffer events) {
    return Rendering.fold(shape, events);
  }

  @Override
  public Optional<Buffer> unfold(Part.Answer answer) {
    return Rendering.of(shape, answer);
  }

  @Override
  public Merger merger(boolean usage, boolean continuous) {
    return new StreamMerge(shape, usage, continuous);
  }

  @Override
  public ResumeMatcher resumeMatcher(List<Frame> delivered) {
    return new ChunkMatcher(shape, deltas, delivered);
  }

  @Override
  public Optional<Buffer> render(Entry entry, Framing framing, boolean usage) {
    return Rendering.of(shape, entry, framing, usage);
  }
}
