package dev.refrain.redis;

import static java.util.Comparator.naturalOrder;

import dev.refrain.inference.Observer;
import dev.refrain.redis.Replies.NoReply;
import dev.refrain.redis.ServerLink.Connector;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The masters of a cluster, a connection to each. Which keys are where is asked of one of them: at
 * first, whenever a connection is lost or a server says that a key is elsewhere, and now and then.
 * Meanwhile commands go where the keys were before.
 *
 * <p>Lives on one event loop. Memory: one connection for each master the cluster names.
 */
final class ClusterLink implements RedisLink {
  /** How often one command is sent on before that is given up. */
  private static final int MOST_HOPS = 3;

  private static final Future<Response> DOWN = Future.failedFuture(NoReply.DOWN);

  private final Context loop;
  private final RedisSettings settings;
  private final Servers.Cluster cluster;
  private final RedisLog log;
  private final Observer observer;
  private final TopologyPoller scout;
  private final Map<Endpoint, Master> masters = new HashMap<>();
  private final Master[] owners = new Master[Slots.COUNT];
  private final Promise<Void> tried = Promise.promise();
  private boolean covered;
  private boolean closed;

  /** Written on the loop, read from anywhere. */
  private volatile boolean up;

  /** The same. */
  private volatile List<ServerLink> links = List.of();

  /** A server, and the connection to it. */
  private record Master(Endpoint at, ServerLink link) {}

  /** A command in progress and its deadline. */
  private record PendingCommand(Request request, long deadline, int hops) {
    long millisLeft() {
      return TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    }

    PendingCommand onwards() {
      return new PendingCommand(request, deadline, hops + 1);
    }
  }

  /** A link for the event loop that calls this, whose context is given. */
  ClusterLink(
      Context loop,
      RedisSettings settings,
      Servers.Cluster cluster,
      RedisLog log,
      Observer observer) {
    this.loop = loop;
    this.settings = settings;
    this.cluster = cluster;
    this.log = log;
    this.observer = observer;
    this.scout = new TopologyPoller(loop, settings, cluster, this::learned);
  }

  @Override
  public Future<Response> send(String key, Request request, long millis) {
    return ask(key, request, millis)
        .onComplete((reply, cause) -> Replies.record(observer, request, cause));
  }

  private Future<Response> ask(String key, Request request, long millis) {
    Master owner = owners[slot(key)];
    if (owner == null) {
      return DOWN;
    }
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    PendingCommand pendingCommand = new PendingCommand(request, deadline, 0);
    return owner
        .link()
        .send(request, millis)
        .recover(cause -> elsewhere(owner, pendingCommand, cause));
  }

  private Future<Response> elsewhere(Master from, PendingCommand pendingCommand, Throwable cause) {
    Redirect redirect = Redirect.of(cause, from.at()).orElse(null);
    if (redirect == null || closed) {
      failed(pendingCommand, cause);
      return Future.failedFuture(cause);
    }
    Master to = master(redirect.to());
    if (!redirect.once()) {
      owners[redirect.slot()] = to;
      scout.wake();
    }
    if (pendingCommand.hops() == MOST_HOPS || pendingCommand.millisLeft() < 1) {
      return Future.failedFuture(cause);
    }
    return to.link()
        .send(pendingCommand.request(), pendingCommand.millisLeft(), redirect.once())
        .recover(again -> elsewhere(to, pendingCommand.onwards(), again));
  }

  private void failed(PendingCommand pendingCommand, Throwable cause) {
    log.refused(pendingCommand.request().command(), cause);
    if (RedisError.of(cause) == RedisError.CLUSTERDOWN) {
      scout.wake();
    }
  }

  private Master master(Endpoint at) {
    return masters.computeIfAbsent(at, absent -> new Master(absent, connect(absent)));
  }

  private ServerLink connect(Endpoint at) {
    RedisOptions options =
        PipelinedConnection.options(settings, at, cluster.tls(), cluster.login(), 0);
    long millis = settings.connectTimeout().toMillis();
    Connector connector = () -> PipelinedConnection.dial(loop, options, millis);
    return new ServerLink(loop, settings, "redis at " + at, connector, log, now -> changed());
  }

  /** Takes what the scout brings, null if that is nothing; whether all is well. */
  private boolean learned(ClusterMap map) {
    boolean well = map != null && adopt(map);
    Future.join(masters.values().stream().map(master -> master.link().tried()).toList())
        .onComplete(done -> tried.tryComplete());
    return well;
  }

  /**
   * Adopts a slot assignment. Returns whether all slots are assigned and all their masters
   * connected.
   */
  private boolean adopt(ClusterMap map) {
    Set<Endpoint> named = map.masters();
    Arrays.fill(owners, null);
    for (ClusterMap.Range range : map.ranges()) {
      Arrays.fill(owners, range.first(), range.last() + 1, master(range.master()));
    }
    masters.values().stream().filter(old -> !named.contains(old.at())).toList().forEach(this::drop);
    links = masters.values().stream().map(Master::link).toList();
    covered = map.covered() == Slots.COUNT;
    changed();
    return up;
  }

  private void drop(Master old) {
    masters.remove(old.at());
    old.link().close();
  }

  private void changed() {
    boolean now = covered && masters.values().stream().allMatch(master -> master.link().isUp());
    if (closed || now == up) {
      return;
    }
    up = now;
    observer.redisState(now);
    if (!now) {
      scout.wake();
    }
  }

  @Override
  public Future<Void> tried() {
    return tried.future();
  }

  @Override
  public boolean isUp() {
    return up;
  }

  @Override
  public State breaker() {
    return links.stream().map(ServerLink::breaker).max(naturalOrder()).orElse(State.CLOSED);
  }

  @Override
  public boolean isConnected(String key) {
    Master owner = owners[slot(key)];
    return owner != null && owner.link().isConnected();
  }

  @Override
  public Object connection(String key) {
    Master owner = owners[slot(key)];
    return owner == null ? null : owner.link().connection();
  }

  @Override
  public int slot(String key) {
    return Slots.of(key);
  }

  @Override
  public boolean isSingle() {
    return false;
  }

  @Override
  public Future<Void> close() {
    closed = true;
    scout.close();
    if (up) {
      up = false;
      observer.redisState(false);
    }
    return Future.join(masters.values().stream().map(master -> master.link().close()).toList())
        .mapEmpty();
  }

  /**
   * A server of a cluster says that a key is elsewhere.
   *
   * @param once whether only this command is meant, because the slot is on its way
   * @param slot which it belongs to
   * @param to where it is
   */
  record Redirect(boolean once, int slot, Endpoint to) {

    /**
     * Reads {@code MOVED 3999 host:port} or {@code ASK 3999 host:port}; empty for all else.
     *
     * @param from the server that replied; it is meant where no host is named
     */
    static Optional<Redirect> of(Throwable cause, Endpoint from) {
      if (!(cause instanceof Response) || cause.getMessage() == null) {
        return Optional.empty();
      }
      String[] words = cause.getMessage().split(" ");
      boolean once = words[0].equals("ASK");
      if (words.length < 3 || !(once || words[0].equals("MOVED"))) {
        return Optional.empty();
      }
      try {
        int slot = Integer.parseInt(words[1]);
        boolean known = slot >= 0 && slot < Slots.COUNT;
        Endpoint to = Endpoint.parse(words[2], from.host());
        return known ? Optional.of(new Redirect(once, slot, to)) : Optional.empty();
      } catch (RuntimeException unreadable) {
        return Optional.empty();
      }
    }
  }
}
