package dev.refrain.cache;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Provenance;
import dev.refrain.completion.Source;
import dev.refrain.completion.Whole;
import io.vertx.core.Future;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * An entry in memory with the answers made of it so far, each a completed future ready to be
 * returned. Immutable; another view makes another {@code Kept}.
 */
final class Kept {
  private enum View {
    WHOLE,
    STREAM,
    STREAM_WITH_USAGE;

    static View of(CompletionRequest request) {
      if (request.framing() == Framing.WHOLE) {
        return WHOLE;
      }
      return request.usage() ? STREAM_WITH_USAGE : STREAM;
    }
  }

  private final Entry entry;
  private final long expiresAt;
  private final Map<View, Future<Completion>> answers;
  private final int weight;

  Kept(Entry entry, long expiresAt) {
    this(entry, expiresAt, new EnumMap<>(View.class), entry.weight());
  }

  private Kept(Entry entry, long expiresAt, Map<View, Future<Completion>> answers, int weight) {
    this.entry = entry;
    this.expiresAt = expiresAt;
    this.answers = answers;
    this.weight = weight;
  }

  Entry entry() {
    return entry;
  }

  long expiresAt() {
    return expiresAt;
  }

  /** Bytes, its ready answers included. */
  int weight() {
    return weight;
  }

  /** The answer for this request, or null if it is not made yet. */
  Future<Completion> answer(CompletionRequest request) {
    return answers.get(View.of(request));
  }

  /** The same with the answer for this request made; empty if the entry cannot give it. */
  Optional<Kept> with(CompletionRequest request) {
    Provenance memory = new Provenance(Source.MEMORY, entry.storedAt(), expiresAt);
    return entry.answer(request, memory).map(answer -> with(View.of(request), (Whole) answer));
  }

  private Kept with(View view, Whole answer) {
    Map<View, Future<Completion>> more = new EnumMap<>(View.class);
    more.putAll(answers);
    more.put(view, Future.succeededFuture(answer));
    int added = answer.body() == entry.body() ? 0 : answer.body().length();
    return new Kept(entry, expiresAt, more, weight + added);
  }
}
