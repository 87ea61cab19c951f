package dev.refrain.redis;

import dev.refrain.completion.Observer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop's connection to Redis, made anew whenever it is lost.
 *
 * <p>While there is none, or while the breaker is open, commands fail at once; nothing is queued.
 * When the breaker opens the connection is closed too: a frozen one would go on filling with
 * commands, and a fresh handshake tells more about the server than an old socket.
 *
 * <p>Threads: made and used on one event loop.
 */
public final class RedisLink {
  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
  private static final Backoff BACKOFF = new Backoff(100, 5_000);
  private static final Future<Response> DOWN = Future.failedFuture(NoReply.DOWN);
  private static final Future<Response> BUSY = Future.failedFuture(NoReply.BUSY);

  private final Context loop;
  private final RedisSettings settings;
  private final RedisOptions options;
  private final Breaker breaker;
  private final Observer observer;

  /** Null while there is no connection. */
  private Wire wire;

  /** The latest attempt to connect, under way or done. */
  private Future<Wire> attempt;

  private int failedAttempts;
  private boolean closed;
  private boolean complained;

  /** Written on the loop, read from anywhere. */
  private volatile boolean up;

  /** A link for the event loop that calls this; it begins to connect at once. */
  public RedisLink(Vertx vertx, RedisSettings settings, Observer observer) {
    this(vertx, settings, Wire.options(settings), observer);
  }

  /** A link with options of its own, made by {@link #options}. */
  public RedisLink(Vertx vertx, RedisSettings settings, RedisOptions options, Observer observer) {
    this.loop = vertx.getOrCreateContext();
    this.settings = settings;
    this.options = options;
    this.observer = observer;
    this.breaker =
        new Breaker(settings.breakerFailures(), settings.breakerPause(), System::nanoTime);
    dial();
  }

  /** The client's options for these settings, for whoever must add to them. */
  public static RedisOptions options(RedisSettings settings) {
    return Wire.options(settings);
  }

  /** Whether commands are taken from everybody: connected, and the breaker closed. Any thread. */
  public boolean isUp() {
    return up;
  }

  /** Whether it is worth preparing a command; the breaker may still refuse it. */
  public boolean isConnected() {
    return wire != null;
  }

  /**
   * Sends a command behind those sent before. Never one that leads to push messages, and never one
   * that blocks on a link that others use.
   *
   * @param millis the longest to wait for the reply
   * @return the reply; fails with an error of Redis, a {@link NoReply} or a time-out
   */
  public Future<Response> send(Request request, long millis) {
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
    return on.send(request)
        .timeout(millis, TimeUnit.MILLISECONDS)
        .onComplete((reply, cause) -> judge(on, cause));
  }

  /** Closes the connection for good, after an attempt under way has come to its end. */
  public Future<Void> close() {
    closed = true;
    wire = null;
    announce("closed");
    return attempt.transform(
        (made, cause) -> made == null ? Future.succeededFuture() : made.close());
  }

  private void judge(Wire on, Throwable cause) {
    if (on != wire) {
      return;
    }
    if (cause == null || spoken(cause)) {
      breaker.succeeded();
      announce(null);
    } else if (!(cause instanceof TimeoutException)) {
      drop(on, "connection lost", BACKOFF.delay(1));
    } else if (breaker.failed()) {
      drop(on, "no reply in time", settings.breakerPause().toMillis());
    }
  }

  /** Whether this is an error reply of the server, which is as good a sign of life as any. */
  private static boolean spoken(Throwable cause) {
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
      attempt = Wire.dial(loop, options, settings.connectTimeout().toMillis());
      attempt.onSuccess(this::connected).onFailure(this::refused);
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

  /** Speaks once when things go bad, and once when they are good again. */
  private void announce(String reason) {
    boolean now = wire != null && breaker.isClosed();
    if (now != up) {
      observer.redisState(now);
    }
    if (now && !up) {
      LOG.info("redis is reachable");
      complained = false;
    } else if (!now && !complained && !closed) {
      LOG.warn("redis is not reachable: {}; going on without", reason);
      complained = true;
    }
    up = now;
  }
}
