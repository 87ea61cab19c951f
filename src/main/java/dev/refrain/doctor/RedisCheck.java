package dev.refrain.doctor;

import dev.refrain.doctor.Doctor.Check;
import dev.refrain.redis.Endpoint;
import dev.refrain.redis.RedisSettings;
import dev.refrain.redis.Servers;
import dev.refrain.redis.Servers.Login;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Redis, whatever its mode: every server that the configuration names or that they name. */
public final class RedisCheck implements Check {
  private final Vertx vertx;
  private final RedisSettings settings;
  private final RedisServer.Expectation expected;

  /**
   * A check of the second tier.
   *
   * @param timeout longest wait for a lookup
   * @param prefix of every key
   */
  public RedisCheck(Vertx vertx, RedisSettings settings, Duration timeout, String prefix) {
    this.vertx = vertx;
    this.settings = settings;
    this.expected =
        new RedisServer.Expectation(
            settings.connectTimeout(),
            timeout,
            prefix,
            settings.servers() instanceof Servers.Cluster);
  }

  @Override
  public String subject() {
    return "redis";
  }

  @Override
  public Future<List<Finding>> make() {
    Servers servers = settings.servers();
    if (servers instanceof Servers.Single single) {
      Endpoint where = Endpoint.of(URI.create(single.url()));
      return new RedisServer(vertx, where, RedisServer.options(single.url(), expected), expected)
          .examine();
    }
    return servers instanceof Servers.Watched watched
        ? watched(watched)
        : cluster((Servers.Cluster) servers);
  }

  private Future<List<Finding>> cluster(Servers.Cluster cluster) {
    return all(
        cluster.seeds().stream()
            .map(seed -> server(seed, cluster.login(), cluster.tls(), 0).examine())
            .toList());
  }

  private Future<List<Finding>> watched(Servers.Watched watched) {
    List<Future<Named>> asked =
        watched.sentinels().stream().map(sentinel -> ask(watched, sentinel)).toList();
    return Future.all(asked)
        .compose(
            done -> {
              List<Finding> found =
                  softened(asked.stream().map(named -> List.of(named.result().finding)).toList());
              return asked.stream()
                  .map(named -> named.result().master)
                  .filter(master -> master != null)
                  .findFirst()
                  .map(
                      master ->
                          server(master, watched.login(), watched.tls(), watched.database())
                              .examine())
                  .orElse(Future.succeededFuture(List.of()))
                  .map(of -> joined(found, of));
            });
  }

  /** The reply of a sentinel. The master is null if the sentinel reports none. */
  private record Named(Finding finding, Endpoint master) {}

  private Future<Named> ask(Servers.Watched watched, Endpoint sentinel) {
    String subject = "sentinel " + sentinel;
    Request question =
        Request.cmd(Command.SENTINEL).arg("get-master-addr-by-name").arg(watched.master());
    return server(sentinel, watched.own(), watched.tls(), 0)
        .once(question)
        .map(address -> named(subject, watched.master(), address))
        .otherwise(
            cause ->
                new Named(
                    Finding.fail(subject, RedisErrors.of(cause, "cache.redis.sentinel.")), null));
  }

  private static Named named(String subject, String master, Response address) {
    if (address == null) {
      String says = "knows no master " + master + "; check cache.redis.sentinel.master";
      return new Named(Finding.fail(subject, says), null);
    }
    Endpoint where = new Endpoint(address.get(0).toString(), address.get(1).toInteger());
    return new Named(Finding.ok(subject, "names " + where + " as master " + master), where);
  }

  private RedisServer server(Endpoint where, Login login, boolean tls, int database) {
    String path = database == 0 ? "" : "/" + database;
    String url = (tls ? "rediss://" : "redis://") + where + path;
    return new RedisServer(vertx, where, RedisServer.options(url, expected, login), expected);
  }

  private static Future<List<Finding>> all(List<Future<List<Finding>>> parts) {
    return Future.all(parts).map(done -> softened(parts.stream().map(Future::result).toList()));
  }

  /** Where one of many is well, the others are a matter of chance, but not yet of failure. */
  private static List<Finding> softened(List<List<Finding>> many) {
    boolean hope = many.stream().anyMatch(one -> one.stream().noneMatch(Finding::isBad));
    return many.stream()
        .flatMap(List::stream)
        .map(finding -> hope && finding.isBad() ? finding.softened() : finding)
        .toList();
  }

  private static List<Finding> joined(List<Finding> some, List<Finding> more) {
    List<Finding> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }
}
