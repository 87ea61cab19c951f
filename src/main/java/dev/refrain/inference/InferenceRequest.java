package dev.refrain.inference;

import io.vertx.core.MultiMap;

/**
 * One request as the stages see it. The first of them takes it apart into its {@link Split}; all
 * others see calls that are looked up, shared and kept as they are.
 *
 * @param id the request's id, for logs and {@code X-Request-Id}
 * @param endpoint the path below the upstream's base, for instance {@code /v1/completions}
 * @param model as asked for
 * @param framing the requested framing of the answer
 * @param usage whether a streamed answer ends with its usage
 * @param elements the number of choices in a complete answer; at least 1
 * @param headers the caller's, as received; read only. The upstream call decides which are
 *     forwarded
 * @param content the body
 * @param split how it is split into parts
 * @param language reads and rewrites answers of this endpoint
 * @param sharing whether the answer may be shared
 * @param directives cache directives of the request
 * @param cancellation ends the call when its result is not needed any more
 * @param listener receives its steps
 */
public record InferenceRequest(
    String id,
    String endpoint,
    String model,
    Framing framing,
    boolean usage,
    int elements,
    MultiMap headers,
    Content content,
    Split split,
    Language language,
    Sharing sharing,
    Directives directives,
    Cancellation cancellation,
    RequestListener listener) {

  /** What there is to know of the streams that answer it; only for endpoints that have some. */
  public Language.Streams streams() {
    return language.streams().orElseThrow();
  }

  /** A request without a listener. */
  public InferenceRequest(
      String id,
      String endpoint,
      String model,
      Framing framing,
      boolean usage,
      int elements,
      MultiMap headers,
      Content content,
      Split split,
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
        split,
        language,
        sharing,
        directives,
        cancellation,
        RequestListener.NONE);
  }

  /** The same request, followed. */
  public InferenceRequest with(RequestListener other) {
    return new InferenceRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        content,
        split,
        language,
        sharing,
        directives,
        cancellation,
        other);
  }

  /** The same request with another body. */
  public InferenceRequest withContent(Content other) {
    return new InferenceRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        other,
        split,
        language,
        sharing,
        directives,
        cancellation,
        listener);
  }

  /** The same request under another cancellation. */
  public InferenceRequest with(Cancellation other) {
    return new InferenceRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        content,
        split,
        language,
        sharing,
        directives,
        other,
        listener);
  }

  /** The same request under another cancellation, followed by another listener. */
  public InferenceRequest with(Cancellation other, RequestListener otherListener) {
    return new InferenceRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        content,
        split,
        language,
        sharing,
        directives,
        other,
        otherListener);
  }

  /** The same request with other headers. */
  public InferenceRequest with(MultiMap other) {
    return new InferenceRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        other,
        content,
        split,
        language,
        sharing,
        directives,
        cancellation,
        listener);
  }

  /** The same request, shared otherwise. */
  public InferenceRequest with(Sharing other) {
    return new InferenceRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        content,
        split,
        language,
        other,
        directives,
        cancellation,
        listener);
  }

  /** The same request, made of other calls. */
  public InferenceRequest with(Split other) {
    return new InferenceRequest(
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
        listener);
  }

  /** The same request, asking otherwise of the cache. */
  public InferenceRequest with(Directives other) {
    return new InferenceRequest(
        id,
        endpoint,
        model,
        framing,
        usage,
        elements,
        headers,
        content,
        split,
        language,
        sharing,
        other,
        cancellation,
        listener);
  }

  /** The same request, asking for another framing. */
  public InferenceRequest with(Framing otherFraming, boolean otherUsage) {
    return new InferenceRequest(
        id,
        endpoint,
        model,
        otherFraming,
        otherUsage,
        elements,
        headers,
        content,
        split,
        language,
        sharing,
        directives,
        cancellation,
        listener);
  }
}
