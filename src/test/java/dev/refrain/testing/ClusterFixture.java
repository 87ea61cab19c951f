package dev.refrain.testing;

import static org.awaitility.Awaitility.await;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A cluster of three masters, each with a third of the slots, and a replica of the first; all real
 * and behind a password. It serves what slots it has.
 *
 * <p>Threads: blocks; never to be used on an event loop.
 */
public final class ClusterFixture implements AutoCloseable {
  /** That clients must give. */
  public static final String PASSWORD = "of-servers";

  private static final int SLOTS = 16_384;
  private static final int MASTERS = 3;
  private static final int BUS = 10_000;
  private static final int FROM_HERE_TAKEN_BY_CHANCE = 32_768;

  private final List<RedisFixture> masters = Stream.generate(() -> node()).limit(MASTERS).toList();
  private final RedisFixture replica = node();

  /** Starts all and waits until they agree. */
  public ClusterFixture() {
    for (int i = 0; i < MASTERS; i++) {
      Request slots = Request.cmd(Command.CLUSTER).arg("ADDSLOTS");
      for (int slot = SLOTS * i / MASTERS; slot < SLOTS * (i + 1) / MASTERS; slot++) {
        slots.arg(slot);
      }
      masters.get(i).command(slots);
      // Different ones, or they could not tell whose slots are newer.
      masters.get(i).command(Request.cmd(Command.CLUSTER).arg("SET-CONFIG-EPOCH").arg(i + 1));
    }
    all().skip(1).forEach(this::meetFirst);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> all().allMatch(node -> knows(node, MASTERS + 1)));
    replica.command(Request.cmd(Command.CLUSTER).arg("REPLICATE").arg(id(masters.get(0))));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> all().allMatch(ClusterFixture::isWell) && isFollowing());
  }

  private static RedisFixture node() {
    int port = freePort();
    return new RedisFixture(
        port,
        PASSWORD,
        "masterauth " + PASSWORD,
        "cluster-enabled yes",
        "cluster-config-file nodes-" + port + ".conf",
        "cluster-node-timeout 2000",
        "cluster-require-full-coverage no",
        "repl-diskless-sync yes",
        "repl-diskless-sync-delay 0");
  }

  /** One whose companion, on which the servers of a cluster talk, is free as well. */
  private static int freePort() {
    while (true) {
      int port = RedisFixture.freePort();
      if (port + BUS < FROM_HERE_TAKEN_BY_CHANCE && isFree(port + BUS)) {
        return port;
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  private Stream<RedisFixture> all() {
    return Stream.concat(masters.stream(), Stream.of(replica));
  }

  private void meetFirst(RedisFixture node) {
    Request meet = Request.cmd(Command.CLUSTER).arg("MEET").arg("127.0.0.1");
    node.command(meet.arg(masters.get(0).port()));
  }

  private static boolean knows(RedisFixture node, int count) {
    String nodes = node.command(Request.cmd(Command.CLUSTER).arg("NODES")).toString();
    return nodes.lines().filter(line -> !line.contains("handshake")).count() == count;
  }

  private static boolean isWell(RedisFixture node) {
    String info = node.command(Request.cmd(Command.CLUSTER).arg("INFO")).toString();
    return info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:" + SLOTS);
  }

  private boolean isFollowing() {
    return replica.command(Request.cmd(Command.INFO)).toString().contains("master_link_status:up");
  }

  /** The name by which the servers know one of them. */
  public static String id(RedisFixture node) {
    return node.command(Request.cmd(Command.CLUSTER).arg("MYID")).toString();
  }

  /** The masters; the first has a replica. */
  public List<RedisFixture> masters() {
    return masters;
  }

  /**
   * What {@code cache.redis} needs, without the braces; the first of the nodes listens to nobody.
   */
  public String configuration() {
    String nodes =
        Stream.of(RedisFixture.freePort(), masters.get(1).port(), masters.get(2).port())
            .map(port -> "'redis://127.0.0.1:" + port + "'")
            .collect(Collectors.joining(", "));
    return "mode: cluster, nodes: [%s], password: %s".formatted(nodes, PASSWORD);
  }

  @Override
  public void close() {
    all().forEach(RedisFixture::close);
  }
}
