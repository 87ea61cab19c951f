package dev.refrain.redis;

import dev.refrain.inference.Observer;
import dev.refrain.redis.Replies.NoReply;
import dev.refrain.redis.ServerLink.Connector;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.Locale;

/**
 * An event loop's way to Redis, however many servers that is. It has one connection to each server
 * that keys live on, made anew whenever it is lost.
 *
 * <p>While there is none, or while its breaker is open, commands fail at once; nothing is queued.
 *
 * <p>Threads: made and used on one event loop.
 */
public sealed interface RedisLink permits SingleLink, ClusterLink {

  /** A link for the event loop that calls this; it begins to connect at once. */
  static RedisLink open(Vertx vertx, RedisSettings settings, RedisLog log, Observer observer) {
    Context loop = vertx.getOrCreateContext();
    Servers servers = settings.servers();
    if (servers instanceof Servers.Cluster cluster) {
      return new ClusterLink(loop, settings, cluster, log, observer);
    }
    if (servers instanceof Servers.Watched watched) {
      Sentinels sentinels = new Sentinels(loop, settings, watched);
      return new SingleLink(loop, settings, sentinels, log, observer);
    }
    return open(vertx, settings, options(settings), log, observer);
  }

  /** A link to one server with options of its own, made by {@link #options}. */
  static RedisLink open(
      Vertx vertx, RedisSettings settings, RedisOptions options, RedisLog log, Observer observer) {
    Context loop = vertx.getOrCreateContext();
    long millis = settings.connectTimeout().toMillis();
    Connector connector = () -> PipelinedConnection.dial(loop, options, millis);
    return new SingleLink(loop, settings, connector, log, observer);
  }

  /** The client's options for a stand-alone server, to be extended by the caller. */
  static RedisOptions options(RedisSettings settings) {
    return PipelinedConnection.options(settings, ((Servers.Single) settings.servers()).url());
  }

  /**
   * Sends a command behind those sent before. Never one that leads to push messages, and never one
   * that blocks on a link that others use.
   *
   * @param key one that the command names; others that it names have the same {@link #slot}
   * @param millis the longest to wait for the reply
   * @return the reply; fails with an error of Redis, a {@link NoReply} or a timeout
   */
  Future<Response> send(String key, Request request, long millis);

  /** Done when it is known for the first time whether Redis can be reached; never fails. */
  Future<Void> tried();

  /**
   * Whether Redis executes commands: connected, breakers closed, and not every command rejected.
   * Any thread.
   */
  boolean isUp();

  /** State of a circuit breaker, from best to worst. */
  enum State {
    /** Commands are sent. */
    CLOSED,
    /** One command is on its way to find out. */
    HALF_OPEN,
    /** No command is sent. */
    OPEN;

    /** The value in metrics: as that of upstreams, {@code half-open}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** The state of its breaker; of several, the worst. Any thread. */
  State breaker();

  /** Whether it is worth preparing a command for this key; a breaker may still refuse it. */
  boolean isConnected(String key);

  /**
   * The connection that commands for this key go over, null if there is none. Another object means
   * that the server may have forgotten what it was sent before.
   */
  Object connection(String key);

  /** The part of the keys that a key belongs to; a command names keys of one alone. */
  int slot(String key);

  /** Whether all keys belong to one part, and all commands go over one connection. */
  boolean isSingle();

  /** Closes connections for good, after attempts under way have come to their end. */
  Future<Void> close();
}
