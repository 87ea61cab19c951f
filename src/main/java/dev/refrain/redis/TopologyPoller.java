package dev.refrain.redis;

import dev.refrain.redis.Stability.Backoff;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Polls the slot assignment of a cluster: frequently while it is degraded, rarely otherwise, and on
 * request. Each time on a connection of its own and beginning with another server, for the one
 * asked may be the one in trouble.
 *
 * <p>Lives on one event loop.
 */
final class TopologyPoller {
  /** How soon to ask again while not all is well; in milliseconds. */
  private static final Backoff UNREST = new Backoff(250, 2_000);

  /** How often to ask while all is well; in milliseconds. */
  private static final long CALM = 30_000;

  /** The least pause after an answer; in milliseconds. */
  private static final long LEAST = 100;

  private final Context loop;
  private final RedisSettings settings;
  private final Servers.Cluster cluster;
  private final Function<ClusterMap, Boolean> reader;
  private Set<Endpoint> known = Set.of();
  private int turn;
  private int unrest;
  private boolean looking;
  private boolean closed;
  private long timer;
  private long due;

  /**
   * A scout that begins at once.
   *
   * @param reader takes what was learned, null if that is nothing, and says whether all is well
   */
  TopologyPoller(
      Context loop,
      RedisSettings settings,
      Servers.Cluster cluster,
      Function<ClusterMap, Boolean> reader) {
    this.loop = loop;
    this.settings = settings;
    this.cluster = cluster;
    this.reader = reader;
    look();
  }

  /** A server has moved: polls soon. */
  void wake() {
    if (!looking && due - System.nanoTime() > TimeUnit.MILLISECONDS.toNanos(LEAST)) {
      loop.owner().cancelTimer(timer);
      again(LEAST);
    }
  }

  /** Asks no more. */
  void close() {
    closed = true;
    loop.owner().cancelTimer(timer);
  }

  private void look() {
    looking = true;
    ask(candidates(), 0).onComplete((map, cause) -> learned(map));
  }

  private void learned(ClusterMap map) {
    looking = false;
    if (closed) {
      return;
    }
    known = map == null ? known : map.masters();
    unrest = reader.apply(map) ? 0 : unrest + 1;
    again(unrest == 0 ? CALM : UNREST.delay(unrest));
  }

  private void again(long millis) {
    due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    timer = loop.owner().setTimer(millis, now -> look());
  }

  private List<Endpoint> candidates() {
    Set<Endpoint> all = new LinkedHashSet<>(known);
    all.addAll(cluster.seeds());
    return new ArrayList<>(all);
  }

  private Future<ClusterMap> ask(List<Endpoint> candidates, int asked) {
    return ask(candidates.get(turn++ % candidates.size()))
        .recover(
            cause ->
                closed || asked + 1 == candidates.size()
                    ? Future.failedFuture(cause)
                    : ask(candidates, asked + 1));
  }

  private Future<ClusterMap> ask(Endpoint server) {
    long millis = settings.connectTimeout().toMillis();
    return PipelinedConnection.dial(
            loop,
            PipelinedConnection.options(settings, server, cluster.tls(), cluster.login(), 0),
            millis)
        .compose(
            connection ->
                connection
                    .send(Request.cmd(Command.CLUSTER).arg("SLOTS"))
                    .timeout(millis, TimeUnit.MILLISECONDS)
                    .map(reply -> ClusterMap.read(reply, server))
                    .eventually(connection::close));
  }
}
