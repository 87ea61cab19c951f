package dev.refrain.completion;

import io.vertx.core.MultiMap;

/**
 * One request as the stages see it. The first of them takes it apart into its {@link Division}; all
 * others see calls that are looked up, shared and kept as they are.
 *
 * @param id the request's id, for logs and {@code X-Request-Id}
 * @param endpoint the path below the upstream's base, for instance {@code /v1/completions}
 * @param model as asked for
 * @param framing how the answer shall be carried
 * @param usage whether a streamed answer shall end with its usage
 * @param elements how many choices make the answer whole; at least 1
 * @param headers the caller's, as received; read only. The upstream call decides which travel on
 * @param content the body
 * @param division the calls it is made of
 * @param language reads and rewrites answers of this endpoint
 * @param sharing whether the answer may be shared
 * @param directives what the caller asked of the cache
 * @param cancellation ends the call when nobody wants it any more
 * @param journey whoever follows it
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
    Division division,
    Language language,
    Sharing sharing,
    Directives directives,
    Cancellation cancellation,
    Journey journey) {

  /** A request that nobody follows. */
  public CompletionRequest(
      String id,
      String endpoint,
      String model,
      Framing framing,
      boolean usage,
      int elements,
      MultiMap headers,
      Content content,
      Division division,
      Language language,
      Sharing sharing,
      Directives directives,
      Cancellation cancellation) {
    this(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        content,
        division,
        language,
        sharing,
        directives,
        cancellation,
        Journey.UNSEEN);
  }

  /** The same request, followed. */
  public CompletionRequest with(Journey other) {
    return new CompletionRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        content,
        division,
        language,
        sharing,
        directives,
        cancellation,
        other);
  }

  /** The same request with another body. */
  public CompletionRequest withContent(Content other) {
    return new CompletionRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        other,
        division,
        language,
        sharing,
        directives,
        cancellation,
        journey);
  }

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
        division,
        language,
        sharing,
        directives,
        other,
        journey);
  }

  /** The same request with other headers. */
  public CompletionRequest with(MultiMap other) {
    return new CompletionRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        other,
        content,
        division,
        language,
        sharing,
        directives,
        cancellation,
        journey);
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
        division,
        language,
        other,
        directives,
        cancellation,
        journey);
  }

  /** The same request, made of other calls. */
  public CompletionRequest with(Division other) {
    return new CompletionRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        content,
        other,
        language,
        sharing,
        directives,
        cancellation,
        journey);
  }

  /** The same request, asking otherwise of the cache. */
  public CompletionRequest with(Directives other) {
    return new CompletionRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        content,
        division,
        language,
        sharing,
        other,
        cancellation,
        journey);
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
        division,
        language,
        sharing,
        directives,
        cancellation,
        journey);
  }
}
