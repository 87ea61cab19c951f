package dev.refrain.http;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Failure.Kind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Locale;

/** Reads a JSON body into memory, within a bound and a time. */
public final class BodyReader {
  private static final Buffer NOTHING = Buffer.buffer();

  private final int limit;
  private final Deadlines deadlines;
  private final Duration idle;
  private final Duration whole;

  /**
   * A reader for the event loop it is used on.
   *
   * @param limit most bytes
   * @param idle longest silence
   * @param whole longest time for all of it
   */
  public BodyReader(int limit, Deadlines deadlines, Duration idle, Duration whole) {
    this.limit = limit;
    this.deadlines = deadlines;
    this.idle = idle;
    this.whole = whole;
  }

  /**
   * The body; fails with {@code UNSUPPORTED_MEDIA_TYPE}, {@code TOO_LARGE}, {@code
   * REQUEST_TIMEOUT}, {@code INVALID} or {@code CANCELLED}.
   */
  Future<Buffer> read(HttpServerRequest request) {
    Failure refusal = refusal(request);
    if (refusal != null) {
      return Future.failedFuture(refusal);
    }
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      request.response().writeContinue();
    }
    return new Upload().of(request);
  }

  private final class Upload implements Deadlines.Awaited {
    private final Promise<Buffer> body = Promise.promise();
    private final long wholeDue;
    private Buffer gathered = NOTHING;
    private long due;

    Upload() {
      long now = System.nanoTime();
      wholeDue = now + whole.toNanos();
      waitForMore(now);
    }

    Future<Buffer> of(HttpServerRequest request) {
      deadlines.add(this);
      request
          .exceptionHandler(cause -> over(broken(cause)))
          .handler(this::take)
          .endHandler(
              v -> {
                deadlines.remove(this);
                body.tryComplete(gathered);
              });
      return body.future();
    }

    private void take(Buffer chunk) {
      waitForMore(System.nanoTime());
      if (gathered.length() + (long) chunk.length() > limit) {
        over(tooLarge());
      } else if (!body.future().isComplete()) {
        // The first chunk is a copy made for us, and mostly all there is.
        gathered = gathered.length() == 0 ? chunk : gathered.appendBuffer(chunk);
      }
    }

    private void over(Failure failure) {
      deadlines.remove(this);
      body.tryFail(failure);
    }

    private void waitForMore(long now) {
      long idleDue = now + idle.toNanos();
      due = idleDue - wholeDue < 0 ? idleDue : wholeDue;
    }

    @Override
    public long due() {
      return due;
    }

    @Override
    public void overdue() {
      over(Failure.of(Kind.REQUEST_TIMEOUT, "the body did not come in time"));
    }
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
