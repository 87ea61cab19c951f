package dev.refrain.job;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import java.util.function.BiConsumer;

/**
 * A request's body of which the beginning, or all, was read before it is known what becomes of the
 * request. As a stream it gives what was read, and then the rest.
 */
final class BodyInAdvance implements ReadStream<Buffer> {
  private final HttpServerRequest request;
  private final Buffer read = Buffer.buffer();
  private final long limit;
  private boolean whole;
  private boolean accepted;
  private boolean given;
  private boolean held;
  private Handler<Buffer> to;
  private Handler<Void> end;

  private BodyInAdvance(HttpServerRequest request, long limit) {
    this.request = request;
    this.limit = limit;
  }

  /**
   * Reads a body.
   *
   * @param limit bytes after which the rest is left unread
   * @param then called once, with what was read and whether it is all
   */
  static void read(HttpServerRequest request, long limit, BiConsumer<BodyInAdvance, Boolean> then) {
    BodyInAdvance body = new BodyInAdvance(request, limit);
    if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
      request.headers().remove("expect");
      request.response().writeContinue();
    }
    request
        .handler(chunk -> body.more(chunk, then))
        .endHandler(
            v -> {
              body.whole = true;
              body.complete(then);
            });
  }

  private void more(Buffer chunk, BiConsumer<BodyInAdvance, Boolean> then) {
    read.appendBuffer(chunk);
    if (read.length() > limit) {
      request.pause();
      complete(then);
    }
  }

  private void complete(BiConsumer<BodyInAdvance, Boolean> then) {
    if (!accepted) {
      accepted = true;
      then.accept(this, whole);
    }
  }

  /** What was read. */
  byte[] bytes() {
    return read.getBytes();
  }

  @Override
  public ReadStream<Buffer> handler(Handler<Buffer> handler) {
    to = handler;
    return this;
  }

  @Override
  public ReadStream<Buffer> endHandler(Handler<Void> handler) {
    end = handler;
    return this;
  }

  @Override
  public ReadStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
    return this; // the request's own reports it
  }

  @Override
  public ReadStream<Buffer> pause() {
    held = true;
    if (!whole) {
      request.pause();
    }
    return this;
  }

  @Override
  public ReadStream<Buffer> resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public ReadStream<Buffer> fetch(long amount) {
    if (!given) {
      give();
    } else if (!whole) {
      request.resume();
    }
    return this;
  }

  private void give() {
    given = true;
    held = false;
    if (read.length() > 0) {
      to.handle(read);
    }
    if (whole) {
      end.handle(null);
      return;
    }
    // Not these two themselves: for a second try of the request they are others.
    request.handler(chunk -> to.handle(chunk)).endHandler(v -> end.handle(null));
    if (!held) {
      request.resume();
    }
  }
}
