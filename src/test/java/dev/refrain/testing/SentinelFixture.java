package dev.refrain.testing;

import static org.awaitility.Awaitility.await;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A master, a replica of it, and three sentinels that watch them, all real and behind passwords.
 *
 * <p>Threads: blocks; never to be used on an event loop.
 */
public final class SentinelFixture implements AutoCloseable {
  private static final String PASSWORD = "of-servers";
  private static final String SENTINEL_PASSWORD = "of-sentinels";
  private static final String MASTER = "the-master";
  private static final int SENTINELS = 3;

  private final RedisFixture master =
      new RedisFixture(RedisFixture.freePort(), PASSWORD, "masterauth " + PASSWORD);
  private final RedisFixture replica =
      new RedisFixture(
          RedisFixture.freePort(),
          PASSWORD,
          "masterauth " + PASSWORD,
          "repl-diskless-sync yes",
          "repl-diskless-sync-delay 0",
          "replicaof 127.0.0.1 " + master.port());
  private final List<RedisFixture> sentinels =
      Stream.generate(this::sentinel).limit(SENTINELS).toList();

  /** Starts all and waits until they know each other. */
  public SentinelFixture() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> sentinels.stream().allMatch(SentinelFixture::knowsAll));
  }

  private RedisFixture sentinel() {
    return RedisFixture.sentinel(
        SENTINEL_PASSWORD,
        "sentinel monitor " + MASTER + " 127.0.0.1 " + master.port() + " 2",
        "sentinel auth-pass " + MASTER + " " + PASSWORD,
        "sentinel sentinel-pass " + SENTINEL_PASSWORD,
        "sentinel down-after-milliseconds " + MASTER + " 1500",
        "sentinel failover-timeout " + MASTER + " 4000");
  }

  private static boolean knowsAll(RedisFixture sentinel) {
    return count(sentinel, "replicas") == 1 && count(sentinel, "sentinels") == SENTINELS - 1;
  }

  private static int count(RedisFixture sentinel, String what) {
    return sentinel.command(Request.cmd(Command.SENTINEL).arg(what).arg(MASTER)).size();
  }

  /**
   * What {@code cache.redis} needs, without the braces; the first of the nodes listens to nobody.
   */
  public String configuration() {
    String nodes =
        Stream.concat(
                Stream.of(RedisFixture.freePort()), sentinels.stream().map(RedisFixture::port))
            .map(port -> "'redis://127.0.0.1:" + port + "'")
            .collect(Collectors.joining(", "));
    return "mode: sentinel, nodes: [%s], password: %s, sentinel: {master: %s, password: %s}"
        .formatted(nodes, PASSWORD, MASTER, SENTINEL_PASSWORD);
  }

  /** Has the replica take the place of the master, which goes on as its replica. */
  public void failOver() {
    sentinels.get(0).command(Request.cmd(Command.SENTINEL).arg("failover").arg(MASTER));
  }

  /** The server that is the master at first. */
  public RedisFixture master() {
    return master;
  }

  /** The server that takes its place. */
  public RedisFixture replica() {
    return replica;
  }

  @Override
  public void close() {
    sentinels.forEach(RedisFixture::close);
    replica.close();
    master.close();
  }
}
