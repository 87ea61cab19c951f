package dev.refrain.redis;

import dev.refrain.redis.RedisLink.State;
import dev.refrain.redis.Replies.NoReply;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * An event loop's connection to one server, made anew whenever it is lost.
 *
 * <p>While there is none, or while the breaker is open, commands fail at once; nothing is queued.
 * When the breaker opens the connection is closed too: a frozen one would go on filling with
 * commands, and a new handshake reveals more about the server than an old socket.
 *
 * <p>Threads: made and used on one event loop.
 */
final class ServerLink {
  private static final Future<Response> DOWN = Future.failedFuture(NoReply.DOWN);
  private static final Future<Response> BUSY = Future.failedFuture(NoReply.BUSY);

  private final Context loop;
  private final RedisSettings settings;
  private final String name;
  private final Connector connector;
  private final Breaker breaker;
  private final RedisLog log;
  private final Consumer<Boolean> listener;
  private final Stability stability = new Stability(System::nanoTime);

  /** Null while there is no connection. */
  private PipelinedConnection connection;

  /** The latest attempt to connect, under way or done. */
  private Future<PipelinedConnection> attempt;

  /** Whether the connection has shown that it can be used. */
  private boolean proven;

  /** Whether the server gave an error reply by which it does no work, and no check since. */
  private boolean doubted;

  /** Error replies in a row, about anything but a single key. */
  private int refusals;

  private boolean closed;

  private final Promise<Void> tried = Promise.promise();

  /** Whether the server can be reached, as the log has it. */
  private boolean reachable;

  /** Whether it is reachable and executes commands; read on any thread. */
  private volatile boolean up;

  /**
   * A link that begins to connect at once.
   *
   * @param loop the event loop that calls this
   * @param name what the operator reads
   * @param listener called on the loop whenever it becomes usable or ceases to be
   */
  ServerLink(
      Context loop,
      RedisSettings settings,
      String name,
      Connector connector,
      RedisLog log,
      Consumer<Boolean> listener) {
    this.loop = loop;
    this.settings = settings;
    this.name = name;
    this.connector = connector;
    this.log = log;
    this.listener = listener;
    this.breaker =
        new Breaker(settings.breakerFailures(), settings.breakerPause(), System::nanoTime);
    log.opened();
    dial();
  }

  /** Whether the server executes commands; as {@link RedisLink#isUp}. */
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

  /** The connection there is; null if there is none. */
  Object connection() {
    return connection;
  }

  /** Whether it is worth preparing a command; the breaker may still refuse it. */
  boolean isConnected() {
    return connection != null;
  }

  /**
   * Sends a command behind those sent before.
   *
   * @param millis the longest to wait for the reply, not counting moments in which this loop stood
   *     still
   * @return the reply; fails with an error of Redis, a {@link NoReply} or a timeout
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
    PipelinedConnection on = connection;
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
    return ReplyTimeout.within(loop.owner(), on.send(request), millis)
        .onComplete((answer, cause) -> judge(on, asked, cause));
  }

  /** Closes the connection for good, after an attempt under way has come to its end. */
  Future<Void> close() {
    if (!closed) {
      closed = true;
      connection = null;
      log.closed(reachable);
      reachable = false;
      set();
    }
    return attempt.transform(
        (made, cause) -> made == null ? Future.succeededFuture() : made.close());
  }

  private void judge(PipelinedConnection on, long asked, Throwable cause) {
    if (on != connection) {
      return;
    }
    if (cause == null || spoken(cause)) {
      breaker.succeeded();
      replied(on, cause);
    } else if (!(cause instanceof TimeoutException)) {
      drop(on, "connection lost", stability.ended());
    } else if (breaker.failed(asked)) {
      stability.ended();
      drop(on, "no reply in time", settings.breakerPause().toMillis());
    }
  }

  private void replied(PipelinedConnection on, Throwable refusal) {
    String code = ServerCheck.unusable(refusal).orElse(null);
    if (code != null) {
      doubted = true;
      drop(on, "it answers " + code, stability.ended());
      return;
    }
    if (refusal == null) {
      refusals = 0;
      proven |= stability.isTrustedOnceItReplied();
    } else if (RedisError.isOfAnyKey(refusal)) {
      refusals++;
    }
    announce(null);
  }

  /** Whether this is an error reply of the server, which is as good a sign of life as any. */
  static boolean spoken(Throwable cause) {
    return cause instanceof Response && !"CONNECTION_CLOSED".equals(cause.getMessage());
  }

  private void drop(PipelinedConnection which, String reason, long pause) {
    if (which != connection) {
      return;
    }
    connection = null;
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
      attempt = doubted ? connector.dial().compose(this::check) : connector.dial();
      attempt
          .onSuccess(this::connected)
          .onFailure(this::refused)
          .onComplete(done -> tried.tryComplete());
    }
  }

  private Future<PipelinedConnection> check(PipelinedConnection made) {
    return ServerCheck.pass(made, settings.connectTimeout().toMillis());
  }

  private void connected(PipelinedConnection made) {
    if (closed) {
      return;
    }
    doubted = false;
    refusals = 0;
    connection = made;
    proven = stability.isTrusted();
    stability.connected();
    made.onEnd(cause -> ended(made));
    if (!proven) {
      loop.owner().setTimer(stability.probation(), due -> lasted(made));
    }
    announce(null);
  }

  // Said twice at times, and by connections that were given up before.
  private void ended(PipelinedConnection which) {
    if (which == connection) {
      drop(which, "connection lost", stability.ended());
    }
  }

  private void lasted(PipelinedConnection which) {
    if (which == connection) {
      proven = true;
      announce(null);
    }
  }

  private void refused(Throwable cause) {
    announce(
        cause instanceof TimeoutException
            ? "no answer in time"
            : String.valueOf(cause.getMessage()));
    redial(stability.refused());
  }

  /** Takes note of what changed, and of the reason if that is a loss; else it is null. */
  private void announce(String reason) {
    if (closed) {
      return;
    }
    boolean now = connection != null && proven && breaker.isClosed();
    if (now && !reachable) {
      log.up();
    } else if (!now && reachable) {
      log.lost(name, reason);
    } else if (!now && reason != null) {
      log.failed(name, reason);
    }
    reachable = now;
    set();
  }

  private void set() {
    boolean now = reachable && refusals < settings.breakerFailures();
    if (now != up) {
      up = now;
      listener.accept(now);
    }
  }

  /** Makes a connection to wherever the server is at that moment. */
  @FunctionalInterface
  interface Connector {
    /** A new connection, greeted and ready; what fails has closed its socket. */
    Future<PipelinedConnection> dial();
  }
}
