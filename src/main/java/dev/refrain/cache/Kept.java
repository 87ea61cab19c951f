package dev.refrain.cache;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Head;
import dev.refrain.completion.Provenance;
import dev.refrain.completion.Source;
import dev.refrain.completion.Whole;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
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
    return request
        .language()
        .render(entry, request.framing(), request.usage())
        .map(body -> with(View.of(request), request.framing(), body));
  }

  private Kept with(View view, Framing framing, Buffer body) {
    Map<View, Future<Completion>> more = new EnumMap<>(View.class);
    more.putAll(answers);
    Provenance memory = new Provenance(Source.MEMORY, entry.storedAt(), expiresAt);
    Head head = new Head(entry.head().status(), headers(framing));
    more.put(
        view, Future.succeededFuture(new Whole(head, body, memory, Future.succeededFuture(entry))));
    int added = body == entry.body() ? 0 : body.length();
    return new Kept(entry, expiresAt, more, weight + added);
  }

  private MultiMap headers(Framing framing) {
    if (framing == entry.framing()) {
      return entry.head().headers();
    }
    MultiMap headers = HttpHeaders.headers().addAll(entry.head().headers());
    return headers.set(
        HttpHeaders.CONTENT_TYPE,
        framing == Framing.STREAM ? "text/event-stream" : "application/json");
  }
}
