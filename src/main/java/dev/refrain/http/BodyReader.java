package dev.refrain.http;

import dev.refrain.inference.Deadlines;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.memory.Reservation;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import java.time.Duration;

/** Reads a JSON body into memory, within a bound, a budget and a time. */
public final class BodyReader {
  private static final Buffer NOTHING = Buffer.buffer();
  private static final int LARGE = 256 * 1024;

  private final int limit;
  private final MemoryBudget memory;
  private final Deadlines deadlines;
  private final Duration idle;
  private final Duration whole;

  /**
   * A reader for the event loop it is used on.
   *
   * @param limit most bytes
   * @param memory of the process
   * @param idle longest silence
   * @param whole longest time for all of it
   */
  public BodyReader(
      int limit, MemoryBudget memory, Deadlines deadlines, Duration idle, Duration whole) {
    this.limit = limit;
    this.memory = memory;
    this.deadlines = deadlines;
    this.idle = idle;
    this.whole = whole;
  }

  /**
   * The body; fails with {@code UNSUPPORTED_MEDIA_TYPE}, {@code TOO_LARGE}, {@code
   * REQUEST_TIMEOUT}, {@code INVALID} or {@code CANCELLED}, and with {@code OVERLOADED} when the
   * budget has no room for it: before it is read where its length is declared.
   *
   * @param reserved for the body; its owner releases it when the body is no longer needed
   */
  Future<Buffer> read(HttpServerRequest request, Reservation reserved) {
    Failure refusal = refusal(request);
    if (refusal != null) {
      return Future.failedFuture(refusal);
    }
    int length = (int) declared(request);
    if (!reserved.growTo(Math.max(1, (long) length * weight(length)))) {
      return Future.failedFuture(full());
    }
    if (expectsContinue(request)) {
      request.response().writeContinue();
    }
    return new Upload(length, reserved).of(request);
  }

  /** An empty reservation for a body. */
  Reservation reserve() {
    return memory.reserve(Use.REQUEST_BODIES);
  }

  // Reading the request takes another copy of a body: of a large one that is worth counting.
  private static int weight(long length) {
    return length > LARGE ? 2 : 1;
  }

  private static Failure full() {
    return Failure.of(Kind.OVERLOADED, "too much memory is in use for another request body");
  }

  private final class Upload implements Deadlines.Timed {
    private final Promise<Buffer> body = Promise.promise();
    private final long wholeDue;
    private final int length;
    private final Reservation reserved;
    private Buffer gathered = NOTHING;
    private long due;

    Upload(int length, Reservation reserved) {
      this.length = length;
      this.reserved = reserved;
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
      long total = gathered.length() + (long) chunk.length();
      if (total > limit) {
        over(tooLarge());
      } else if (!reserved.growTo(total * weight(total))) {
        over(full());
      } else if (!body.future().isComplete()) {
        gather(chunk);
      }
    }

    private void gather(Buffer chunk) {
      if (gathered.length() > 0) {
        gathered.appendBuffer(chunk);
      } else if (chunk.length() >= length) {
        gathered = chunk; // a copy made for us, and mostly all there is
      } else {
        gathered = Buffer.buffer(length).appendBuffer(chunk); // it never grows
      }
    }

    private void over(Failure failure) {
      deadlines.remove(this);
      gathered = NOTHING; // what still comes is dropped
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
      over(Failure.of(Kind.REQUEST_TIMEOUT, "timeout while reading the body"));
    }
  }

  private static Failure broken(Throwable cause) {
    boolean left = cause instanceof HttpClosedException || cause instanceof StreamResetException;
    return left
        ? Failure.of(Kind.CANCELLED, "the client left before the body was complete", cause)
        : Failure.of(Kind.INVALID, "the body cannot be read", cause);
  }

  private Failure refusal(HttpServerRequest request) {
    Failure type = JsonType.refusal(request);
    if (type != null) {
      return type;
    }
    String coding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (coding != null && !coding.equalsIgnoreCase("identity")) {
      return Failure.of(Kind.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding must be identity");
    }
    return declared(request) > limit ? tooLarge() : null;
  }

  // An HTTP/1.0 client would not understand the reply (RFC 9110 §10.1.1).
  private static boolean expectsContinue(HttpServerRequest request) {
    return "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))
        && request.version() != HttpVersion.HTTP_1_0;
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
