package dev.refrain.testing;

import static org.awaitility.Awaitility.await;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Real servers of Redis that speak TLS to their clients and to each other. A second, plain port of
 * each is for the test alone: nobody is told of it.
 *
 * <p>Threads: blocks; never to be used on an event loop.
 */
public final class EncryptedRedis implements AutoCloseable {
  private static final String PASSWORD = "of-servers";
  private static final int SLOTS = 16_384;
  private static final int BUS = 10_000;

  private final Authority.Identity identity;
  private final Authority authority;
  private final List<RedisFixture> servers = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private String configuration = "";

  private EncryptedRedis(Authority authority) {
    this.authority = authority;
    this.identity = authority.identityOfAddress("127.0.0.1");
  }

  /** A master, and a sentinel that knows it. */
  public static EncryptedRedis behindASentinel(Authority authority) {
    EncryptedRedis redis = new EncryptedRedis(authority);
    int master = redis.server();
    int sentinel = RedisFixture.freePort();
    redis.servers.add(
        RedisFixture.sentinel(
            PASSWORD,
            redis.encrypted(
                sentinel,
                "sentinel monitor m 127.0.0.1 " + master + " 1",
                "sentinel auth-pass m " + PASSWORD)));
    redis.configuration =
        "mode: sentinel, nodes: ['rediss://127.0.0.1:%d'], password: %s, sentinel: {master: m, password: %s}"
            .formatted(sentinel, PASSWORD, PASSWORD);
    return redis;
  }

  /** Two masters, each with half of the slots; of the second, clients are told by the first. */
  public static EncryptedRedis cluster(Authority authority) {
    EncryptedRedis redis = new EncryptedRedis(authority);
    String[] settings = {"cluster-enabled yes", "tls-cluster yes", "cluster-node-timeout 2000"};
    redis.server(settings);
    redis.server(settings);
    redis.share();
    redis.configuration =
        "mode: cluster, nodes: ['rediss://127.0.0.1:%d'], password: %s"
            .formatted(redis.ports.get(0), PASSWORD);
    return redis;
  }

  private int server(String... settings) {
    int port = portOfServer();
    String[] all = Arrays.copyOf(settings, settings.length + 1);
    all[settings.length] = "cluster-config-file nodes-" + port + ".conf";
    servers.add(new RedisFixture(RedisFixture.freePort(), PASSWORD, encrypted(port, all)));
    ports.add(port);
    return port;
  }

  private static int portOfServer() {
    int port = RedisFixture.freePort();
    return port < 32_768 - BUS ? port : portOfServer();
  }

  private String[] encrypted(int port, String... settings) {
    return Stream.concat(
            Stream.of(
                "tls-port " + port,
                "tls-cert-file " + identity.cert(),
                "tls-key-file " + identity.key(),
                "tls-ca-cert-file " + authority.ca(),
                "tls-auth-clients no",
                "tls-replication yes"),
            Stream.of(settings))
        .toArray(String[]::new);
  }

  private void share() {
    for (int i = 0; i < servers.size(); i++) {
      Request slots = Request.cmd(Command.CLUSTER).arg("ADDSLOTS");
      for (int slot = SLOTS / 2 * i; slot < SLOTS / 2 * (i + 1); slot++) {
        slots.arg(slot);
      }
      servers.get(i).command(slots);
      servers.get(i).command(Request.cmd(Command.CLUSTER).arg("SET-CONFIG-EPOCH").arg(i + 1));
    }
    Request meet = Request.cmd(Command.CLUSTER).arg("MEET").arg("127.0.0.1").arg(ports.get(0));
    servers.get(1).command(meet);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> servers.stream().allMatch(EncryptedRedis::knowsAllSlots));
  }

  private static boolean knowsAllSlots(RedisFixture server) {
    String info = server.command(Request.cmd(Command.CLUSTER).arg("INFO")).toString();
    return info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:" + SLOTS);
  }

  /** What {@code cache.redis} needs, without the braces. */
  public String configuration() {
    return configuration;
  }

  /** How many keys each server has that keeps any by its office. */
  public List<Integer> keys() {
    return servers.stream().limit(ports.size()).map(RedisFixture::keys).toList();
  }

  @Override
  public void close() {
    servers.forEach(RedisFixture::close);
  }
}
