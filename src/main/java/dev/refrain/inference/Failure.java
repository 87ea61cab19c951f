package dev.refrain.inference;

import java.util.Locale;

/**
 * The reason why there is no answer. Foreign exceptions are translated into one of these where they
 * enter; it is logged once, at the edge. Carries no stack trace, no prompt, no key.
 */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Kind of a failure. It determines the status, and the {@code type} and {@code code} of the error
   * body.
   */
  public enum Kind {
    /** The request has no meaning. */
    INVALID(400, "invalid_request_error"),
    /** No credential, or not the right one. */
    UNAUTHORIZED(401, "invalid_request_error"),
    /** None of Refrain's own keys, where there are some. */
    UNKNOWN_KEY(401, "invalid_request_error", "invalid_api_key"),
    /** The key is not for this. */
    FORBIDDEN(403, "invalid_request_error"),
    /** No such path. */
    NOT_FOUND(404, "invalid_request_error"),
    /** No upstream serves the model. */
    NO_SUCH_MODEL(404, "invalid_request_error", "model_not_found"),
    /** The path exists, the method does not. */
    METHOD_NOT_ALLOWED(405, "invalid_request_error"),
    /** The request did not come in its time. */
    REQUEST_TIMEOUT(408, "invalid_request_error"),
    /** The body is over the limit. */
    TOO_LARGE(413, "invalid_request_error"),
    /** The path and query are over the limit. */
    URI_TOO_LONG(414, "invalid_request_error"),
    /** The body is not JSON, or is encoded. */
    UNSUPPORTED_MEDIA_TYPE(415, "invalid_request_error"),
    /** The key has made its requests of this minute. */
    TOO_MANY_REQUESTS(429, "requests", "rate_limit_exceeded"),
    /** The key has spent its tokens of this minute. */
    TOO_MANY_TOKENS(429, "tokens", "rate_limit_exceeded"),
    /** The key has spent its money of this day or month; the same call would fail again. */
    INSUFFICIENT_QUOTA(429, "insufficient_quota"),
    /** The header fields are over the limit, in size or number. */
    HEADERS_TOO_LARGE(431, "invalid_request_error"),
    /** The caller left first. No client sees the status; nginx logs the same one. */
    CANCELLED(499, "client_closed_request"),
    /** A defect of Refrain. */
    INTERNAL(500, "server_error"),
    /** No connection to the upstream. */
    UPSTREAM_UNREACHABLE(502, "upstream_error"),
    /** The upstream's answer broke off or made no sense. */
    UPSTREAM_BROKEN(502, "upstream_error"),
    /** A queue is full, or the process is stopping. */
    OVERLOADED(503, "server_error"),
    /** The upstream took too long. */
    UPSTREAM_TIMEOUT(504, "upstream_error"),
    /** {@code only-if-cached}, and there is none (RFC 9111 §5.2.1.7). */
    NOT_CACHED(504, "invalid_request_error");

    private final int status;
    private final String type;
    private final String code;

    Kind(int status, String type) {
      this(status, type, null);
    }

    Kind(int status, String type, String code) {
      this.status = status;
      this.type = type;
      this.code = code == null ? name().toLowerCase(Locale.ROOT) : code;
    }

    /** The HTTP status. */
    public int status() {
      return status;
    }

    /** {@code error.type} of the error body. */
    public String type() {
      return type;
    }

    /** {@code error.code} of the error body, and the label in metrics. */
    public String code() {
      return code;
    }
  }

  private final Kind kind;
  private final String param;
  private final transient Frame event;
  private final String origin;

  private Failure(
      Kind kind, String message, String param, Frame event, String origin, Throwable cause) {
    super(message, cause, false, false);
    this.kind = kind;
    this.param = param;
    this.event = event;
    this.origin = origin;
  }

  /** A failure of this kind. */
  public static Failure of(Kind kind, String message) {
    return new Failure(kind, message, null, null, null, null);
  }

  /** A failure of this kind, with its cause. */
  public static Failure of(Kind kind, String message, Throwable cause) {
    return new Failure(kind, message, null, null, null, cause);
  }

  /** A request without meaning; {@code param} names the field, or is null for the whole body. */
  public static Failure invalid(String param, String message) {
    String named = param == null ? message : param + ": " + message;
    return new Failure(Kind.INVALID, named, param, null, null, null);
  }

  /** No upstream serves this model. */
  public static Failure noSuchModel(String model) {
    String message = "model: no upstream serves '" + model + "'";
    return new Failure(Kind.NO_SUCH_MODEL, message, "model", null, null, null);
  }

  /** The caller may not use this model. The message does not reveal other models. */
  public static Failure modelNotAllowed(String model) {
    String message = "model: there is no '" + model + "' for this key";
    return new Failure(Kind.NO_SUCH_MODEL, message, "model", null, null, null);
  }

  /** A stream that broke off with an error event of the upstream's own, to be passed on as is. */
  public static Failure reported(Frame event) {
    String message = "the upstream reported an error in its stream";
    return new Failure(Kind.UPSTREAM_BROKEN, message, null, event, null, null);
  }

  /** {@code cause} itself if it is a failure, otherwise an internal error. */
  public static Failure from(Throwable cause) {
    return cause instanceof Failure failure
        ? failure
        : new Failure(Kind.INTERNAL, "internal error", null, null, null, cause);
  }

  /** The same, and at which upstream it was. For the log; not sent to clients. */
  public Failure at(String upstream) {
    return origin == null
        ? new Failure(kind, getMessage(), param, event, upstream, getCause())
        : this;
  }

  /** The kind of failure. */
  public Kind kind() {
    return kind;
  }

  /** The field at fault, or null. */
  public String param() {
    return param;
  }

  /** The name of the upstream it was at, or null if at none. */
  public String origin() {
    return origin;
  }

  /** The error event as the upstream wrote it, or null. */
  public Frame event() {
    return event;
  }
}
