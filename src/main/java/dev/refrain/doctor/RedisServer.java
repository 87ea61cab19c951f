package dev.refrain.doctor;

import dev.refrain.redis.Endpoint;
import dev.refrain.redis.HostLookup;
import dev.refrain.redis.Servers.Login;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.ProtocolVersion;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One server of Redis: reachable, fast, new enough, writable, and ready to make room. */
final class RedisServer {
  private static final String LOGIN = "cache.redis.";
  private static final int PINGS = 20;
  private static final Duration SKEW = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final RedisOptions options;
  private final Expectation expected;
  private final String subject;

  /**
   * Values that the configuration requires.
   *
   * @param patience longest wait for a connection and, in the doctor, for any reply
   * @param timeout longest wait for a lookup
   * @param prefix of every key
   * @param cluster whether it is one of many
   */
  record Expectation(Duration patience, Duration timeout, String prefix, boolean cluster) {
    long millis() {
      return Math.max(patience.toMillis(), 1000);
    }
  }

  RedisServer(Vertx vertx, Endpoint where, RedisOptions options, Expectation expected) {
    this.vertx = vertx;
    this.options = options;
    this.expected = expected;
    this.subject = "redis " + where;
  }

  static RedisOptions options(String url, Expectation expected, Login login) {
    RedisOptions options = options(url, expected);
    if (!login.password().isEmpty()) {
      options.setPassword(login.password());
      options.setUser(login.user().isEmpty() ? null : login.user());
    }
    return options;
  }

  static RedisOptions options(String url, Expectation expected) {
    NetClientOptions net =
        new NetClientOptions().setConnectTimeout((int) expected.patience().toMillis());
    if (url.startsWith("rediss:")) {
      net.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
    }
    return new RedisOptions()
        .setConnectionString(url)
        .setNetClientOptions(net)
        .setPreferredProtocolVersion(ProtocolVersion.RESP2)
        .setMaxPoolSize(1)
        .setPoolCleanerInterval(-1);
  }

  /** Everything that can be found out. Never fails. */
  Future<List<Finding>> examine() {
    return with(this::examine).otherwise(cause -> List.of(fail(RedisErrors.of(cause, LOGIN))));
  }

  /** The reply to one command. */
  Future<Response> once(Request request) {
    return with(connection -> send(connection, request));
  }

  private <T> Future<T> with(Function<RedisConnection, Future<T>> use) {
    return HostLookup.resolve(vertx, options)
        .compose(resolved -> with(Redis.createClient(vertx, resolved), use));
  }

  private <T> Future<T> with(Redis client, Function<RedisConnection, Future<T>> use) {
    return client
        .connect()
        .timeout(expected.millis(), TimeUnit.MILLISECONDS)
        .compose(use)
        .eventually(client::close);
  }

  private Future<Response> send(RedisConnection connection, Request request) {
    return connection.send(request).timeout(expected.millis(), TimeUnit.MILLISECONDS);
  }

  private Future<List<Finding>> examine(RedisConnection connection) {
    List<Finding> found = new ArrayList<>();
    return ping(connection, new long[PINGS], 0)
        .map(this::latency)
        .onSuccess(found::add)
        .compose(v -> look(connection, Request.cmd(Command.INFO), this::version, "INFO"))
        .onSuccess(found::add)
        .compose(
            v -> look(connection, Request.cmd(Command.INFO).arg("memory"), this::memory, "INFO"))
        .onSuccess(found::add)
        .compose(v -> look(connection, Request.cmd(Command.TIME), this::clock, "TIME"))
        .onSuccess(found::add)
        .compose(v -> write(connection))
        .onSuccess(found::add)
        .map(found);
  }

  // A command that the access list forbids is no fault of the server.
  private Future<Finding> look(
      RedisConnection connection, Request request, Function<Response, Finding> judge, String name) {
    return send(connection, request)
        .map(judge)
        .otherwise(cause -> Finding.warn(subject, "does not answer " + name + " to this user"));
  }

  private Future<long[]> ping(RedisConnection connection, long[] nanos, int count) {
    if (count == nanos.length) {
      return Future.succeededFuture(nanos);
    }
    long begin = System.nanoTime();
    return send(connection, Request.cmd(Command.PING))
        .onSuccess(pong -> nanos[count] = System.nanoTime() - begin)
        .compose(pong -> ping(connection, nanos, count + 1));
  }

  private Finding latency(long[] nanos) {
    Arrays.sort(nanos);
    double median = nanos[nanos.length / 2] / 1e6;
    long budget = expected.timeout().toMillis();
    String says = "answers in %.1f ms".formatted(median);
    if (median > budget) {
      return fail(
          says
              + ", and is waited for %d ms; raise cache.redis.timeout, or bring it nearer"
                  .formatted(budget));
    }
    return median > budget / 2.0
        ? Finding.warn(
            subject,
            says + ", and is waited for no longer than " + budget + " ms (cache.redis.timeout)")
        : Finding.ok(subject, says);
  }

  private Finding version(Response info) {
    RedisInfo all = RedisInfo.of(info);
    String valkey = all.get("valkey_version");
    if (!valkey.isEmpty()) {
      return Finding.ok(subject, "is Valkey " + valkey);
    }
    String version = all.get("redis_version");
    return RedisInfo.isAtLeast(version, 6, 2)
        ? Finding.ok(subject, "is Redis " + version)
        : fail("is Redis " + version + " (expected: 6.2 or later)");
  }

  private Finding memory(Response info) {
    RedisInfo memory = RedisInfo.of(info);
    if (memory.get("maxmemory").equals("0")) {
      return Finding.warn(
          subject,
          "has no memory limit, and grows with the entries stored for cache.ttl; set its maxmemory,"
              + " and maxmemory-policy allkeys-lru");
    }
    String policy = memory.get("maxmemory_policy");
    return policy.equals("noeviction")
        ? Finding.warn(
            subject,
            "rejects writes once it is full (noeviction); set its maxmemory-policy to"
                + " allkeys-lru")
        : Finding.ok(subject, "evicts entries when it is full (" + policy + ")");
  }

  private Finding clock(Response time) {
    long skew = Math.abs(time.get(0).toLong() - System.currentTimeMillis() / 1000);
    return skew > SKEW.toSeconds()
        ? Finding.warn(
            subject,
            "its clock differs from the local clock by %d s; run NTP on both machines"
                .formatted(skew))
        : Finding.ok(subject, "its clock agrees with the local clock");
  }

  private Future<Finding> write(RedisConnection connection) {
    String key = expected.prefix() + ":doctor";
    Request set = Request.cmd(Command.SET).arg(key).arg("").arg("PX").arg(1000);
    return send(connection, set)
        .map(done -> Finding.ok(subject, "can be written to"))
        .otherwise(
            cause ->
                // Of a cluster another server has this key.
                String.valueOf(cause.getMessage()).startsWith("MOVED") && expected.cluster()
                    ? Finding.ok(subject, "is part of a cluster")
                    : fail(RedisErrors.of(cause, LOGIN)));
  }

  private Finding fail(String says) {
    return Finding.fail(subject, says);
  }

  /** The reply to {@code INFO}: lines of {@code name:value}. */
  private record RedisInfo(Map<String, String> fields) {
    static RedisInfo of(Response reply) {
      Map<String, String> fields = new HashMap<>();
      reply
          .toString()
          .lines()
          .filter(line -> line.indexOf(':') > 0)
          .forEach(
              line ->
                  fields.put(
                      line.substring(0, line.indexOf(':')),
                      line.substring(line.indexOf(':') + 1).trim()));
      return new RedisInfo(fields);
    }

    /** The value of this name, or an empty text. */
    String get(String name) {
      return fields.getOrDefault(name, "");
    }

    /** Whether a version such as {@code 7.0.15} is this one or a later one. */
    static boolean isAtLeast(String version, int major, int minor) {
      String[] parts = version.split("\\.");
      try {
        int first = Integer.parseInt(parts[0]);
        return first > major
            || first == major && parts.length > 1 && Integer.parseInt(parts[1]) >= minor;
      } catch (NumberFormatException strange) {
        return false;
      }
    }
  }
}
