package dev.refrain.inference;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/**
 * The head of an answer.
 *
 * @param status an HTTP status code (RFC 9110 §15)
 * @param headers end-to-end headers only; never {@code Content-Length} or {@code
 *     Transfer-Encoding}, which belong to the connection that carries the body
 */
public record Head(int status, MultiMap headers) {
  /** The media type of a stream of events. */
  public static final String EVENT_STREAM = "text/event-stream";

  /** Says that the usage of an answer is a share of what a larger call cost. */
  public static final String USAGE = "x-refrain-usage";

  /** The value of {@link #USAGE}. */
  public static final String APPORTIONED = "apportioned";

  /**
   * The head of an answer that another call was made for: only the fields that belong to the answer
   * itself, as {@link AnswerFields} lists them. Every way by which one caller gets what was asked
   * for by another goes through here.
   */
  public Head shared() {
    MultiMap shared = AnswerFields.of(status, headers);
    if (forbidsStoring()) {
      shared.set(HttpHeaders.CACHE_CONTROL, "no-store"); // a replica that follows must know
    }
    return new Head(status, shared);
  }

  /** The same head, which says that the usage in the body is a share of what a call cost. */
  public Head apportioned() {
    MultiMap others = HttpHeaders.headers().addAll(headers);
    return new Head(status, others.set(USAGE, APPORTIONED));
  }

  /** The head of an answer that this one's became a part of, without what describes its body. */
  public Head merged() {
    return new Head(status, AnswerFields.withoutBody(headers));
  }

  /**
   * Whether the upstream says that the answer must not be stored: {@code Cache-Control: no-store}
   * (RFC 9111 §5.2.2.5), or {@code Vary: *}, which no request matches (§4.1). However they are
   * written: quoted, with a value, among other words.
   */
  public boolean forbidsStoring() {
    return headers.getAll(HttpHeaders.CACHE_CONTROL).stream().anyMatch(Directives::namesNoStore)
        || headers.getAll(HttpHeaders.VARY).stream().anyMatch(value -> value.indexOf('*') >= 0);
  }

  /** Whether the status is one of success (2xx). */
  public boolean ok() {
    return status >= 200 && status < 300;
  }

  /** The same head over a body of another media type. */
  public Head with(String contentType) {
    MultiMap others = HttpHeaders.headers().addAll(headers);
    return new Head(status, others.set(HttpHeaders.CONTENT_TYPE, contentType));
  }

  /** Whether the body is a stream of events; media types have no case (RFC 9110 §8.3.1). */
  public boolean isEventStream() {
    return contentType().regionMatches(true, 0, EVENT_STREAM, 0, EVENT_STREAM.length());
  }

  /** The media type as sent, or an empty string. */
  public String contentType() {
    String type = headers.get(HttpHeaders.CONTENT_TYPE);
    return type == null ? "" : type;
  }
}
