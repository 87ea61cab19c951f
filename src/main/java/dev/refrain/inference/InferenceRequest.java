package dev.refrain.inference;

import io.vertx.core.MultiMap;

/**
 * One request as the stages see it. The first of them takes it apart into its {@link Split}; all
 * others see calls that are looked up, shared and kept as they are.
 *
 * @param call its id, its headers and its listeners
 * @param endpoint the path below the upstream's base, for instance {@code /v1/completions}
 * @param model as requested
 * @param form the requested form of the answer
 * @param content the body
 * @param split how it is split into parts
 * @param language reads and rewrites answers of this endpoint
 * @param sharing whether the answer may be shared
 * @param directives cache directives of the request
 * @param cancellation ends the call when its result is not needed any more
 */
public record InferenceRequest(
    CallContext call,
    String endpoint,
    String model,
    ResponseForm form,
    Content content,
    Split split,
    Language language,
    Sharing sharing,
    Directives directives,
    Cancellation cancellation) {

  /** The id of the request. */
  public String id() {
    return call.id();
  }

  /** The caller's header fields; read only. */
  public MultiMap headers() {
    return call.headers();
  }

  /** Receives the steps of the request. */
  public RequestListener listener() {
    return call.listener();
  }

  /** Receives what the request costs. */
  public CostListener costs() {
    return call.costs();
  }

  /** The requested framing of the answer. */
  public Framing framing() {
    return form.framing();
  }

  /** Whether a streamed answer ends with its usage. */
  public boolean usage() {
    return form.usage();
  }

  /** The number of choices in a complete answer; at least 1. */
  public int elements() {
    return form.elements();
  }

  /** The streams that answer it; only for endpoints that have some. */
  public Language.Streams streams() {
    return language.streams().orElseThrow();
  }

  /** The same request in another call. */
  public InferenceRequest with(CallContext other) {
    return new InferenceRequest(
        other, endpoint, model, form, content, split, language, sharing, directives, cancellation);
  }

  /** The same request with another listener. */
  public InferenceRequest with(RequestListener other) {
    return with(call.with(other));
  }

  /** The same request with other headers. */
  public InferenceRequest with(MultiMap other) {
    return with(call.with(other));
  }

  /** The same request for another framing. */
  public InferenceRequest with(Framing framing, boolean usage) {
    return with(form.with(framing, usage));
  }

  /** The same request for another form of the answer. */
  public InferenceRequest with(ResponseForm other) {
    return new InferenceRequest(
        call, endpoint, model, other, content, split, language, sharing, directives, cancellation);
  }

  /** The same request with another body. */
  public InferenceRequest withContent(Content other) {
    return new InferenceRequest(
        call, endpoint, model, form, other, split, language, sharing, directives, cancellation);
  }

  /** The same request, made of other calls. */
  public InferenceRequest with(Split other) {
    return new InferenceRequest(
        call, endpoint, model, form, content, other, language, sharing, directives, cancellation);
  }

  /** The same request, shared otherwise. */
  public InferenceRequest with(Sharing other) {
    return new InferenceRequest(
        call, endpoint, model, form, content, split, language, other, directives, cancellation);
  }

  /** The same request with other cache directives. */
  public InferenceRequest with(Directives other) {
    return new InferenceRequest(
        call, endpoint, model, form, content, split, language, sharing, other, cancellation);
  }

  /** The same request under another cancellation. */
  public InferenceRequest with(Cancellation other) {
    return new InferenceRequest(
        call, endpoint, model, form, content, split, language, sharing, directives, other);
  }

  /** The same request under another cancellation, with another listener. */
  public InferenceRequest with(Cancellation other, RequestListener listener) {
    CallContext followed = call.with(listener);
    return new InferenceRequest(
        followed, endpoint, model, form, content, split, language, sharing, directives, other);
  }

  /**
   * The requested form of the answer.
   *
   * @param framing a document or a stream
   * @param usage whether a streamed answer ends with its usage
   * @param elements the number of choices in a complete answer; at least 1
   */
  public record ResponseForm(Framing framing, boolean usage, int elements) {
    /** The same, framed otherwise. */
    public ResponseForm with(Framing otherFraming, boolean otherUsage) {
      return new ResponseForm(otherFraming, otherUsage, elements);
    }
  }
}
