package dev.refrain.runtime;

import dev.refrain.management.ManagementServices.HealthStatus;
import dev.refrain.metrics.RedisGauges;
import dev.refrain.upstream.Routes;
import dev.refrain.upstream.Upstream;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Supplier;

/** Health of the process, for operators. Any thread. */
public final class Health implements HealthStatus {
  private static final String VERSION = Version.number();

  private final Supplier<Readiness> readiness;
  private final Supplier<JsonObject> configuration;
  private final Supplier<Routes> routes;
  private final Supplier<JsonObject> disk;
  private final Supplier<Optional<RedisGauges.State>> redis;
  private final Strain strain;

  /** The sources of the report; an empty {@code disk} is none. */
  public Health(
      Supplier<Readiness> readiness,
      Supplier<JsonObject> configuration,
      Supplier<Routes> routes,
      Supplier<JsonObject> disk,
      Supplier<Optional<RedisGauges.State>> redis,
      Strain strain) {
    this.readiness = readiness;
    this.configuration = configuration;
    this.routes = routes;
    this.disk = disk;
    this.redis = redis;
    this.strain = strain;
  }

  @Override
  public boolean isLive() {
    return !strain.isFatal();
  }

  @Override
  public boolean isReady() {
    return readiness.get() == Readiness.UP && !strain.isHigh();
  }

  @Override
  public JsonObject report() {
    JsonObject report =
        JsonObject.of(
            "status",
            readiness.get().name(),
            "version",
            VERSION,
            "configuration",
            configuration.get(),
            "upstreams",
            upstreams());
    redis.get().ifPresent(state -> report.put("redis", redis(state)));
    JsonObject ofDisk = disk.get();
    return ofDisk.isEmpty() ? report : report.put("disk", ofDisk);
  }

  private JsonObject upstreams() {
    JsonObject upstreams = new JsonObject();
    for (Upstream each : routes.get().upstreams()) {
      upstreams.put(each.name(), upstream(each));
    }
    return upstreams;
  }

  private static JsonObject upstream(Upstream each) {
    JsonObject upstream =
        JsonObject.of("breaker", each.state(), "active", each.active(), "waiting", each.waiting());
    return upstream.getString("breaker").equals("closed")
        ? upstream
        : upstream.put("cause", each.isMute() ? "does not answer" : "answers with errors");
  }

  // A Redis that is away costs hits and no answer, so it changes no status.
  private static JsonObject redis(RedisGauges.State state) {
    return JsonObject.of("up", state.up(), "breaker", state.breaker());
  }

  /** Whether the load balancer should send requests to this process. */
  public enum Readiness {
    /** Not yet. */
    STARTING,
    /** Yes. */
    UP,
    /** Not any more: what is under way is finished. */
    DRAINING
  }
}
