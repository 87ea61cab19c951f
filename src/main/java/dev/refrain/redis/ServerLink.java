package dev.refrain.redis;

import dev.refrain.redis.RedisLink.State;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * An event loop's connection to one server, made anew whenever it is lost.
 *
 * <p>While there is none, or while the breaker is open, commands fail at once; nothing is queued.
 * When the breaker opens the connection is closed too: a frozen one would go on filling with
 * commands, and a fresh handshake tells more about the server than an old socket.
 *
 * <p>Threads: made and used on one event loop.
 */
final class ServerLink {
  private static final Backoff BACKOFF = new Backoff(100, 5_000);
  private static final Future<Response> DOWN = Future.failedFuture(NoReply.DOWN);
  private static final Future<Response> BUSY = Future.failedFuture(NoReply.BUSY);

  private final Context loop;
  private final RedisSettings settings;
  private final String name;
  private final Dialler dialler;
  private final Breaker breaker;
  private final RedisLog log;
  private final Consumer<Boolean> listener;

  /** Null while there is no connection. */
  private Wire wire;

  /** The latest attempt to connect, under way or done. */
  private Future<Wire> attempt;

  private int failedAttempts;
  private boolean closed;

  private final Promise<Void> tried = Promise.promise();

  /** Written on the loop, read from anywhere. */
  private volatile boolean up;

  /**
   * A link that begins to connect at once.
   *
   * @param loop the event loop that calls this
   * @param name what the operator reads
   * @param listener hears on the loop whenever it becomes usable or ceases to be
   */
  ServerLink(
      Context loop,
      RedisSettings settings,
      String name,
      Dialler dialler,
      RedisLog log,
      Consumer<Boolean> listener) {
    this.loop = loop;
    this.settings = settings;
    this.name = name;
    this.dialler = dialler;
    this.log = log;
    this.listener = listener;
    this.breaker =
        new Breaker(settings.breakerFailures(), settings.breakerPause(), System::nanoTime);
    log.opened();
    dial();
  }

  /** Whether commands are taken from everybody: connected, and the breaker closed. Any thread. */
  boolean isUp() {
    return up;
  }

  /** Done when the first attempt to connect has come to its end, whatever that was. */
  Future<Void> tried() {
    return tried.future();
  }

  /** Whether the server is worth the wait. Any thread. */
  State breaker() {
    return breaker.state();
  }

  /** Whether it is worth preparing a command; the breaker may still refuse it. */
  boolean isConnected() {
    return wire != null;
  }

  /**
   * Sends a command behind those sent before.
   *
   * @param millis the longest to wait for the reply
   * @return the reply; fails with an error of Redis, a {@link NoReply} or a time-out
   */
  Future<Response> send(Request request, long millis) {
    return send(request, millis, false);
  }

  /**
   * The same.
   *
   * @param asking whether for a slot that the server is only about to take over
   */
  Future<Response> send(Request request, long millis, boolean asking) {
    Wire on = wire;
    if (on == null) {
      return DOWN;
    }
    if (on.isFull()) {
      return BUSY;
    }
    if (!breaker.admits()) {
      return DOWN;
    }
    if (asking) {
      on.send(Request.cmd(Command.ASKING)); // holds for the next command alone
    }
    long asked = System.nanoTime();
    Future<Response> reply = on.send(request);
    return reply
        .timeout(millis, TimeUnit.MILLISECONDS)
        .recover(cause -> cause instanceof TimeoutException ? late(reply, cause) : reply)
        .onComplete((answer, cause) -> judge(on, asked, cause));
  }

  // The loop may be what was late, and the reply lie in its socket: it is read within a turn.
  private Future<Response> late(Future<Response> reply, Throwable cause) {
    return loop.owner()
        .timer(1, TimeUnit.MILLISECONDS)
        .compose(turn -> reply.isComplete() ? reply : Future.failedFuture(cause));
  }

  /** Lets the connection go and makes another, perhaps to elsewhere. */
  void redial(String reason) {
    if (wire != null) {
      drop(wire, reason, BACKOFF.delay(1));
    }
  }

  /** Closes the connection for good, after an attempt under way has come to its end. */
  Future<Void> close() {
    if (!closed) {
      closed = true;
      wire = null;
      log.closed(up);
      set(false);
    }
    return attempt.transform(
        (made, cause) -> made == null ? Future.succeededFuture() : made.close());
  }

  private void judge(Wire on, long asked, Throwable cause) {
    if (on != wire) {
      return;
    }
    if (cause == null || spoken(cause)) {
      breaker.succeeded();
      announce(null);
    } else if (!(cause instanceof TimeoutException)) {
      drop(on, "connection lost", BACKOFF.delay(1));
    } else if (breaker.failed(asked)) {
      drop(on, "no reply in time", settings.breakerPause().toMillis());
    }
  }

  /** Whether this is an error reply of the server, which is as good a sign of life as any. */
  static boolean spoken(Throwable cause) {
    return cause instanceof Response && !"CONNECTION_CLOSED".equals(cause.getMessage());
  }

  private void drop(Wire which, String reason, long pause) {
    if (which != wire) {
      return;
    }
    wire = null;
    breaker.undecided();
    announce(reason);
    which.close();
    redial(pause);
  }

  private void redial(long pause) {
    if (!closed) {
      loop.owner().setTimer(pause, due -> dial());
    }
  }

  private void dial() {
    if (!closed) {
      attempt = dialler.dial();
      attempt
          .onSuccess(this::connected)
          .onFailure(this::refused)
          .onComplete(done -> tried.tryComplete());
    }
  }

  private void connected(Wire made) {
    if (closed) {
      return;
    }
    failedAttempts = 0;
    wire = made;
    made.onEnd(cause -> drop(made, "connection lost", BACKOFF.delay(1)));
    announce(null);
  }

  private void refused(Throwable cause) {
    announce(cause instanceof TimeoutException ? "no answer in time" : cause.getMessage());
    redial(BACKOFF.delay(++failedAttempts));
  }

  private void announce(String reason) {
    if (closed) {
      return;
    }
    boolean now = wire != null && breaker.isClosed();
    if (now && !up) {
      log.up();
    } else if (!now && up) {
      log.lost(name, reason);
    } else if (!now) {
      log.failed(name, reason);
    }
    set(now);
  }

  private void set(boolean now) {
    if (now != up) {
      up = now;
      listener.accept(now);
    }
  }
}
