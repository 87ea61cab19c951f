package dev.refrain.testing;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import redis.embedded.RedisInstance;
import redis.embedded.RedisSentinel;
import redis.embedded.RedisServer;
import redis.embedded.core.RedisSentinelBuilder;
import redis.embedded.core.RedisServerBuilder;

/**
 * A real Redis in a process of its own, on a free port, that can be frozen, killed and started
 * again.
 *
 * <p>Threads: blocks; never to be used on an event loop.
 */
public final class RedisFixture implements AutoCloseable {
  private static final int ATTEMPTS = 100;

  private final int port;
  private final RedisInstance server;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Redis client;

  /** Starts one and waits until it takes connections. */
  public RedisFixture() {
    this(freePort(), "");
  }

  /**
   * The same on this port.
   *
   * @param password that clients must give; empty is none
   * @param settings further lines of its configuration
   */
  RedisFixture(int port, String password, String... settings) {
    this(port, password, server(port, password, settings));
  }

  /** One that asks for this password, none if empty, with further lines of its configuration. */
  public static RedisFixture with(String password, String... settings) {
    return new RedisFixture(freePort(), password, settings);
  }

  private RedisFixture(int port, String password, RedisInstance server) {
    this.port = port;
    this.server = server;
    RedisOptions options = new RedisOptions().setConnectionString(url());
    client =
        Redis.createClient(vertx, password.isEmpty() ? options : options.setPassword(password));
    start();
  }

  private static RedisInstance server(int port, String password, String... settings) {
    RedisServerBuilder server = RedisServer.newRedisServer().port(port).onShutdownForceStop(true);
    server.setting("save \"\"").setting("appendonly no");
    server.settingIf(!password.isEmpty(), "requirepass " + password);
    Stream.of(settings).forEach(server::setting);
    try {
      return server.build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A sentinel in the place of a server. */
  static RedisFixture sentinel(String password, String... settings) {
    int port = freePort();
    RedisSentinelBuilder sentinel =
        RedisSentinel.newRedisSentinel().port(port).onShutdownForceStop(true);
    Stream.of(settings).forEach(sentinel::setting);
    sentinel.setting("requirepass " + password);
    return new RedisFixture(port, password, sentinel.build());
  }

  /**
   * A port nobody listens on, nor will by chance while this Redis is down: kernels take the ports
   * of outgoing connections, and those for port 0, from above.
   */
  static int freePort() {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 32_768);
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (IOException taken) {
        // another one, then
      }
    }
    throw new IllegalStateException("no free port in " + ATTEMPTS + " attempts");
  }

  /** Where it listens. */
  public int port() {
    return port;
  }

  /** As clients name it. */
  public String url() {
    return "redis://127.0.0.1:" + port;
  }

  /** Starts it on the same port, empty. */
  public void start() {
    try {
      server.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the process, frozen or not, and waits until it is gone. What it held is lost. */
  public void kill() {
    Process process = process();
    try {
      server.stop();
      process.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Stops the process in its tracks: connections stay open, nothing is answered. */
  public void freeze() {
    signal("STOP");
  }

  /** Lets a frozen process go on. */
  public void thaw() {
    signal("CONT");
  }

  /** Puts these bytes under every key there is. */
  public void garble(byte[] garbage) {
    for (Response key : command(Request.cmd(Command.KEYS).arg("*"))) {
      command(Request.cmd(Command.SET).arg(key.toString()).arg(garbage));
    }
  }

  /** How many keys there are. */
  public int keys() {
    return command(Request.cmd(Command.DBSIZE)).toInteger();
  }

  /** How often each command was asked, those within scripts too, by its name in small letters. */
  public Map<String, Integer> calls() {
    Map<String, Integer> calls = new TreeMap<>();
    String stats = command(Request.cmd(Command.INFO).arg("commandstats")).toString();
    stats
        .lines()
        .filter(line -> line.startsWith("cmdstat_"))
        .forEach(
            line ->
                calls.put(
                    line.substring("cmdstat_".length(), line.indexOf(':')),
                    Integer.parseInt(line.replaceAll(".*:calls=(\\d+),.*", "$1"))));
    return calls;
  }

  /** Whether it is nobody's replica. */
  public boolean isMaster() {
    return command(Request.cmd(Command.ROLE)).get(0).toString().equals("master");
  }

  /** Sends one command and waits for the reply. */
  public Response command(Request request) {
    try {
      return client.send(request).await(10, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    if (server.isActive()) {
      kill();
    }
    client.close().await();
    vertx.close().await();
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process().pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Process process() {
    try {
      Field field = RedisInstance.class.getDeclaredField("process");
      field.setAccessible(true);
      return (Process) field.get(server);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
