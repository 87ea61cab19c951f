package dev.refrain.http;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Failure.Kind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;

/** Reads a JSON body into memory, within a bound. */
final class BodyReader {
  private final int limit;

  BodyReader(int limit) {
    this.limit = limit;
  }

  /** The body; fails with {@code UNSUPPORTED_MEDIA_TYPE} or {@code TOO_LARGE}. */
  Future<Buffer> read(HttpServerRequest request) {
    Failure refusal = refusal(request);
    if (refusal != null) {
      return Future.failedFuture(refusal);
    }
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      request.response().writeContinue();
    }
    Promise<Buffer> body = Promise.promise();
    Buffer gathered = Buffer.buffer();
    request
        .exceptionHandler(cause -> body.tryFail(broken(cause)))
        .handler(
            chunk -> {
              if (gathered.length() + (long) chunk.length() > limit) {
                body.tryFail(tooLarge());
              } else {
                gathered.appendBuffer(chunk);
              }
            })
        .endHandler(v -> body.tryComplete(gathered));
    return body.future();
  }

  private static Failure broken(Throwable cause) {
    return cause instanceof HttpClosedException
        ? Failure.of(Kind.CANCELLED, "the caller left before the body was here", cause)
        : Failure.of(Kind.INVALID, "the body cannot be read", cause);
  }

  private Failure refusal(HttpServerRequest request) {
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    if (type != null && !isJson(type)) {
      return Failure.of(Kind.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json");
    }
    String coding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (coding != null && !coding.equalsIgnoreCase("identity")) {
      return Failure.of(Kind.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding must be identity");
    }
    return declared(request) > limit ? tooLarge() : null;
  }

  private static boolean isJson(String type) {
    int parameters = type.indexOf(';');
    String essence = (parameters < 0 ? type : type.substring(0, parameters)).trim();
    String lower = essence.toLowerCase(Locale.ROOT);
    return lower.equals("application/json") || lower.endsWith("+json");
  }

  private static long declared(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE; // more digits than any body has bytes
    }
  }

  private Failure tooLarge() {
    return Failure.of(Kind.TOO_LARGE, "the body is over " + limit + " bytes");
  }
}
