package dev.refrain.cache;

import dev.refrain.inference.Entry;
import dev.refrain.inference.FieldDigests;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Source;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An entry in memory with the answers made of it so far, each a completed future ready to be
 * returned. Immutable but for the count of its hits; another view makes another {@code
 * CachedEntry}, which goes on counting.
 */
final class CachedEntry {
  private enum Variant {
    WHOLE,
    STREAM,
    STREAM_WITH_USAGE;

    static Variant of(InferenceRequest request) {
      if (request.framing() == Framing.WHOLE) {
        return WHOLE;
      }
      return request.usage() ? STREAM_WITH_USAGE : STREAM;
    }
  }

  private final Entry entry;
  private final FieldDigests fields;
  private final long expiresAt;
  private final Map<Variant, Future<InferenceResponse>> answers;
  private final int weight;
  private final AtomicInteger hits;

  CachedEntry(Entry entry, FieldDigests fields, long expiresAt) {
    this(
        entry,
        fields,
        expiresAt,
        new EnumMap<>(Variant.class),
        entry.weight() + fields.weight(),
        new AtomicInteger());
  }

  private CachedEntry(
      Entry entry,
      FieldDigests fields,
      long expiresAt,
      Map<Variant, Future<InferenceResponse>> answers,
      int weight,
      AtomicInteger hits) {
    this.hits = hits;
    this.entry = entry;
    this.fields = fields;
    this.expiresAt = expiresAt;
    this.answers = answers;
    this.weight = weight;
  }

  Entry entry() {
    return entry;
  }

  /** What it answers, to be compared with. */
  FieldDigests fields() {
    return fields;
  }

  long expiresAt() {
    return expiresAt;
  }

  /** Bytes, its ready answers included. */
  int weight() {
    return weight;
  }

  /** How often it was served. */
  int hits() {
    return hits.get();
  }

  /** It is served once more. */
  void hit() {
    hits.incrementAndGet();
  }

  /** The answer for this request, or null if it is not made yet. */
  Future<InferenceResponse> answer(InferenceRequest request) {
    return answers.get(Variant.of(request));
  }

  /** The same with the answer for this request made; empty if the entry cannot give it. */
  Optional<CachedEntry> with(InferenceRequest request) {
    Provenance memory = new Provenance(Source.MEMORY, entry.storedAt(), expiresAt);
    return entry.answer(request, memory).map(answer -> with(Variant.of(request), (Whole) answer));
  }

  private CachedEntry with(Variant variant, Whole answer) {
    Map<Variant, Future<InferenceResponse>> more = new EnumMap<>(Variant.class);
    more.putAll(answers);
    more.put(variant, Future.succeededFuture(answer));
    int added = answer.body() == entry.body() ? 0 : answer.body().length();
    return new CachedEntry(entry, fields, expiresAt, more, weight + added, hits);
  }
}
