package dev.refrain.demo;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.util.concurrent.atomic.AtomicLong;

/** What came of an answer so far, and how it ended. */
record Collected(HttpClientResponse response, AtomicLong bytes, Future<Void> ending) {
  private static final long CANCEL = 0x8;

  /** Begins to read. */
  static Collected of(HttpClientResponse response) {
    AtomicLong bytes = new AtomicLong();
    Promise<Void> ending = Promise.promise();
    response
        .handler((Buffer part) -> bytes.addAndGet(part.length()))
        .exceptionHandler(ending::tryFail)
        .endHandler(v -> ending.tryComplete());
    return new Collected(response, bytes, ending.future());
  }

  /** Is ready to read, but does not. */
  static Collected paused(HttpClientResponse response) {
    response.pause();
    return of(response);
  }

  /** The client leaves. */
  void leave() {
    response.request().reset(CANCEL);
  }
}
