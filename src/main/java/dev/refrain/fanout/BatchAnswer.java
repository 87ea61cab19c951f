package dev.refrain.fanout;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Language;
import dev.refrain.inference.Whole;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.stream.IntStream;

/** The answer to a batch as one answer for each of its parts. */
final class BatchAnswer {
  private BatchAnswer() {}

  /**
   * Cuts an answer.
   *
   * @param batch the request it answers
   * @return in the order of {@code parts}
   * @throws Failure {@code UPSTREAM_BROKEN} when it does not hold what was requested
   */
  static List<Whole> of(InferenceResponse answer, InferenceRequest batch, List<BatchedPart> parts) {
    if (!(answer instanceof Whole whole)) {
      batch.cancellation().cancel();
      throw Failure.of(Failure.Kind.UPSTREAM_BROKEN, "the upstream answered a batch with a stream");
    }
    return PartError.is(whole) ? refused(whole, parts.size()) : cut(whole, batch, parts);
  }

  // The number of parts says to requests that joined one of them that the refusal may be about
  // another one.
  private static List<Whole> refused(Whole refusal, int parts) {
    Whole each = refusal.from(refusal.provenance().ofBatch(parts));
    return IntStream.range(0, parts).mapToObj(part -> each).toList();
  }

  private static List<Whole> cut(Whole whole, InferenceRequest batch, List<BatchedPart> parts) {
    List<InferenceRequest> requests = parts.stream().map(BatchedPart::request).toList();
    Language.Cut cut =
        batch.language().cut(whole.body(), requests).orElseThrow(BatchAnswer::strange);
    Head merged = whole.head().merged();
    Head head = cut.exact() ? merged : merged.apportioned();
    return IntStream.range(0, parts.size())
        .mapToObj(part -> part(head, cut.bodies().get(part), requests.get(part), whole))
        .toList();
  }

  private static Whole part(Head head, Buffer body, InferenceRequest request, Whole whole) {
    return new Whole(
        head,
        body,
        request.language().completeness(body, request.elements()),
        whole.provenance(),
        Entry.none());
  }

  private static Failure strange() {
    return Failure.of(
        Failure.Kind.UPSTREAM_BROKEN,
        "the upstream's answer to a batch does not hold one answer for each of its elements");
  }
}
