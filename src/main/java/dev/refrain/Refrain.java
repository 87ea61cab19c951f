package dev.refrain;

import dev.refrain.completion.Observer;
import dev.refrain.config.Config;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** One running proxy: a public port on every event loop, and a management port. */
public final class Refrain {
  private final Vertx vertx;
  private final List<ProxyVerticle> doors = new CopyOnWriteArrayList<>();

  private Refrain(Vertx vertx) {
    this.vertx = vertx;
  }

  /**
   * Starts a proxy with event loops of its own. Fails, with nothing left running, when a port
   * cannot be had.
   */
  public static Future<Refrain> start(Config config) {
    int loops = loops(config);
    VertxOptions options =
        new VertxOptions().setEventLoopPoolSize(loops).setPreferNativeTransport(true);
    Refrain refrain = new Refrain(Vertx.vertx(options));
    return refrain
        .deploy(config, loops)
        .map(refrain)
        .recover(cause -> refrain.stop().transform(v -> Future.failedFuture(cause)));
  }

  private static int loops(Config config) {
    int configured = config.server().eventLoops();
    return configured > 0 ? configured : Runtime.getRuntime().availableProcessors();
  }

  private Future<?> deploy(Config config, int loops) {
    Shared shared = Shared.of(config, loops, Observer.NONE);
    return vertx.deployVerticle(
        () -> {
          ProxyVerticle door = new ProxyVerticle(shared);
          doors.add(door);
          return door;
        },
        new DeploymentOptions().setInstances(loops));
  }

  /** The public port. */
  public int port() {
    return doors.get(0).port();
  }

  /** The management port. */
  public int managementPort() {
    return 0;
  }

  /** Stops listening, lets what is under way finish for a while, and ends. */
  public Future<Void> stop() {
    return vertx.close();
  }
}
