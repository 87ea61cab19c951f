package dev.refrain.completion;

import io.vertx.core.MultiMap;

/**
 * One request as the stages see it: an element, or a call that cannot be taken apart.
 *
 * @param id the request's id, for logs and {@code X-Request-Id}
 * @param endpoint the path below the upstream's base, for instance {@code /v1/completions}
 * @param model as asked for
 * @param framing how the answer shall be carried
 * @param usage whether a streamed answer shall end with its usage
 * @param elements how many choices make the answer whole; at least 1
 * @param headers the caller's, as received; read only. The upstream call decides which travel on
 * @param content the body
 * @param language reads and rewrites answers of this endpoint
 * @param sharing whether the answer may be shared
 * @param directives what the caller asked of the cache
 * @param cancellation ends the call when nobody wants it any more
 */
public record CompletionRequest(
    String id,
    String endpoint,
    String model,
    Framing framing,
    boolean usage,
    int elements,
    MultiMap headers,
    Content content,
    Language language,
    Sharing sharing,
    Directives directives,
    Cancellation cancellation) {

  /** The same request under another cancellation. */
  public CompletionRequest with(Cancellation other) {
    return new CompletionRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        content,
        language,
        sharing,
        directives,
        other);
  }

  /** The same request, shared otherwise. */
  public CompletionRequest with(Sharing other) {
    return new CompletionRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        content,
        language,
        other,
        directives,
        cancellation);
  }

  /** The same request, asking for another framing. */
  public CompletionRequest with(Framing otherFraming, boolean otherUsage) {
    return new CompletionRequest(
        id,
        endpoint,
        model,
        otherFraming,
        otherUsage,
        elements,
        headers,
        content,
        language,
        sharing,
        directives,
        cancellation);
  }
}
