package dev.refrain.testing;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A Vert.x of one event loop, for a test's thread that waits for what is done there. */
public final class TestLoop implements AutoCloseable {
  /** The Vert.x that the loop belongs to. */
  public final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));

  private final Context loop = vertx.getOrCreateContext();

  /** Works on the loop, and waits for the result. */
  public <T> T call(Supplier<Future<T>> work) {
    Promise<T> done = Promise.promise();
    loop.runOnContext(
        start -> Future.succeededFuture().compose(begun -> work.get()).onComplete(done));
    return join(done.future());
  }

  /** The result, for which it waits. */
  public static <T> T join(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("still not done", late);
    }
  }

  @Override
  public void close() {
    join(vertx.close());
  }
}
