package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.inference.Observer;
import dev.refrain.testing.ClusterFixture;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.TestLoop;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cluster moves its slots: commands follow, and nobody is told. */
class ClusterLinkIT {
  private static final String KEY = "foo";
  private static final int SLOT = Slots.of(KEY);

  private final ClusterFixture redis = new ClusterFixture();
  private final RedisFixture from = redis.masters().get(SLOT * 3 / Slots.COUNT);
  private final RedisFixture to = redis.masters().get(1);
  private final TestLoop loop = new TestLoop();
  private RedisLink link;

  @BeforeEach
  void connect() {
    Servers servers =
        new Servers.Cluster(
            List.of(new Endpoint("127.0.0.1", to.port())),
            new Servers.Login("", ClusterFixture.PASSWORD),
            false);
    RedisSettings settings =
        new RedisSettings(servers, Duration.ofSeconds(2), 100, 3, Duration.ofMillis(200));
    link =
        loop.call(
            () ->
                Future.succeededFuture(
                    RedisLink.open(loop.vertx, settings, new RedisLog(), Observer.NONE)));
    await().atMost(Duration.ofSeconds(30)).until(link::isUp);
  }

  @AfterEach
  void stop() {
    loop.call(link::close);
    loop.close();
    redis.close();
  }

  @Test
  void aSlotOnItsWayIsFollowedAndSoIsOneThatHasArrived() {
    assertThat(from.port()).isNotEqualTo(to.port());
    set("before");
    to.command(setSlot("IMPORTING", from));
    from.command(setSlot("MIGRATING", to));
    assertThat(get()).as("still where it was").isEqualTo("before");

    from.command(
        Request.cmd(Command.MIGRATE)
            .arg("127.0.0.1")
            .arg(to.port())
            .arg(KEY)
            .arg(0)
            .arg(5_000)
            .arg("AUTH")
            .arg(ClusterFixture.PASSWORD));
    assertThat(get()).as("asked for elsewhere").isEqualTo("before");
    set("meanwhile");

    to.command(setSlot("NODE", to));
    from.command(setSlot("NODE", to));
    assertThat(get()).as("moved").isEqualTo("meanwhile");
    set("after");
    assertThat(get()).isEqualTo("after");
    assertThat(to.keys()).isEqualTo(1);
  }

  @Test
  void connectionsAreOneForEachMasterHoweverManyCommands() {
    List<Future<Response>> replies =
        loop.call(
            () ->
                Future.succeededFuture(
                    IntStream.range(0, 90)
                        .mapToObj(i -> send(Command.SET, "key " + i, "value"))
                        .toList()));
    replies.forEach(TestLoop::join);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(redis.masters()).allMatch(master -> clients(master) == 1));
  }

  /** How many clients hold a connection on which something other than the topology was asked. */
  private static long clients(RedisFixture master) {
    String list = master.command(Request.cmd(Command.CLIENT).arg("LIST")).toString();
    return list.lines().filter(line -> line.contains("cmd=set")).count();
  }

  private Request setSlot(String how, RedisFixture node) {
    return Request.cmd(Command.CLUSTER)
        .arg("SETSLOT")
        .arg(SLOT)
        .arg(how)
        .arg(ClusterFixture.id(node));
  }

  private String get() {
    return loop.call(() -> send(Command.GET, KEY)).toString();
  }

  private void set(String value) {
    loop.call(() -> send(Command.SET, KEY, value));
  }

  private Future<Response> send(Command command, String... words) {
    Request request = Request.cmd(command);
    for (String word : words) {
      request.arg(word);
    }
    return link.send(words[0], request, 5_000);
  }
}
