package dev.refrain.runtime;

import dev.refrain.config.Config;
import dev.refrain.config.ConfigChange;
import dev.refrain.config.ConfigError;
import dev.refrain.inference.Failure;
import dev.refrain.management.ManagementServices.ReloadAction;
import dev.refrain.metrics.ConfigMeters;
import dev.refrain.settings.FileWatch;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reloads the configuration on request and when its file changes, one reload at a time. An invalid
 * file is logged in one line, and the previous configuration stays.
 *
 * <p>May be called on any thread; files are read on a worker.
 */
public final class ConfigReloader implements ReloadAction {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigReloader.class);

  private final Vertx vertx;
  private final ConfigFile file;
  private final Function<Config, Future<ConfigChange>> taker;
  private final ConfigMeters meters;

  private Future<?> last = Future.succeededFuture();
  private volatile Status status = new Status(Instant.now(), List.of(), "");
  // Of the watch: the content applied last, and the content read last.
  private String taken;
  private String seen;
  private final FileWatch watch;

  /**
   * Result of the latest reload.
   *
   * @param since when a configuration was applied last
   * @param pending changed keys that take effect at the next start
   * @param refusal why the latest was rejected; empty if it was applied
   */
  private record Status(Instant since, List<String> pending, String refusal) {}

  /**
   * A reloader without a reload so far.
   *
   * @param taker takes a valid configuration up, or fails with a {@link ConfigError}
   */
  public ConfigReloader(
      Vertx vertx,
      ConfigFile file,
      Function<Config, Future<ConfigChange>> taker,
      ConfigMeters meters) {
    this.vertx = vertx;
    this.file = file;
    this.taker = taker;
    this.meters = meters;
    this.taken = file.found();
    this.seen = file.found();
    this.watch = new FileWatch(vertx, () -> vertx.executeBlocking(file::look).onSuccess(this::saw));
  }

  /** Checks the file from now on. A change counts once two checks in a row read the same. */
  public void watch(Duration every) {
    if (file.path().isEmpty() || every.isZero()) {
      return;
    }
    watch.begin(every);
  }

  /** Ends the checks. */
  public void close() {
    watch.close();
  }

  // A file may be read while it is written, and half of one may be valid.
  private void saw(String now) {
    boolean settled = now.equals(seen) && !now.equals(taken);
    seen = now;
    if (settled) {
      taken = now;
      reload();
    }
  }

  @Override
  public synchronized Future<Outcome> reload() {
    Future<Outcome> next = last.transform(before -> read());
    last = next;
    return next;
  }

  private Future<Outcome> read() {
    return vertx
        .executeBlocking(file::load)
        .compose(taker)
        .map(this::applied)
        .recover(cause -> Future.failedFuture(refused(cause)));
  }

  private Outcome applied(ConfigChange configChange) {
    status = new Status(Instant.now(), configChange.pending(), "");
    meters.applied(configChange.pending().size());
    LOG.info(
        "configuration reloaded: changed: {}; pending until the next start: {}",
        named(configChange.changed()),
        named(configChange.pending()));
    return new Outcome(configChange.changed(), configChange.pending());
  }

  private static String named(List<String> keys) {
    return keys.isEmpty() ? "nothing" : String.join(", ", keys);
  }

  private Failure refused(Throwable cause) {
    boolean explained = cause instanceof ConfigError;
    String why = explained ? cause.getMessage() : "internal error";
    status = new Status(status.since, status.pending, why);
    meters.refused();
    LOG.warn(
        "configuration rejected: {}; the previous one stays in use", why, explained ? null : cause);
    return explained ? Failure.invalid(null, why) : Failure.from(cause);
  }

  /** For operators: whether the latest configuration is in use, and which keys of it are not. */
  public JsonObject health() {
    Status now = status;
    JsonObject health =
        JsonObject.of(
            "status", now.refusal.isEmpty() ? "UP" : "REFUSED", "since", now.since.toString());
    if (!now.refusal.isEmpty()) {
      health.put("refusal", now.refusal);
    }
    if (!now.pending.isEmpty()) {
      health.put("pending", new JsonArray(now.pending));
    }
    return health;
  }
}
