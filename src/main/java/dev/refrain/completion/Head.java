package dev.refrain.completion;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;

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

  // Validators, digests and the like (RFC 9110 §8.7, §8.8, §14.3; RFC 9530).
  private static final List<String> OF_THE_BODY =
      List.of(
          "etag",
          "last-modified",
          "content-md5",
          "digest",
          "content-digest",
          "repr-digest",
          "content-location",
          "accept-ranges");

  /** A copy for a body that this one's has become a part of, without what is said of it alone. */
  public Head merged() {
    MultiMap kept = HttpHeaders.headers().addAll(headers);
    OF_THE_BODY.forEach(kept::remove);
    return new Head(status, kept);
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
