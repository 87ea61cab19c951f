package dev.refrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.config.ConfigLoader;
import dev.refrain.inference.Fork;
import dev.refrain.inference.SharedService;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Walks the stages of a real pipeline by the fields that hold the next one. */
@ExtendWith(VertxExtension.class)
class PipelineTest {
  // A port that nothing listens on: no request is sent.
  private static final String UPSTREAM = "upstreams: [{url: 'http://127.0.0.1:1'}]\n";
  private static final String EVERY_STAGE =
      UPSTREAM
          + "cache: {staleIfError: 1m, disk: {path: '%s'}, redis: {url: 'redis://127.0.0.1:1',"
          + " fleet: true}}\n"
          + "keys: [{name: a, secret: 'rk-0123456789abcdef0123456789abcdef'}]\n";

  @TempDir private Path folder;

  @Test
  void theSharedLaneHasItsStagesInThisOrder(Vertx vertx) throws Exception {
    assertThat(names(fork(vertx, EVERY_STAGE).shared()))
        .containsExactly(
            "MemoryCache",
            "StaleFallback",
            "Coalescer",
            "MemoryWriter",
            "DiskCache",
            "DiskWriter",
            "SharedCache",
            "FleetCoalescer",
            "SharedCacheWriter",
            "Recorder",
            "OnlyIfCached",
            "UsageMetering",
            "BatchCall",
            "Retry",
            "UpstreamCall");
  }

  @Test
  void theDirectLaneIsTheEndOfTheSharedOne(Vertx vertx) throws Exception {
    Fork fork = fork(vertx, EVERY_STAGE);
    List<Object> shared = chain(fork.shared());
    List<Object> direct = chain(fork.direct());
    assertThat(names(direct))
        .containsExactly("OnlyIfCached", "UsageMetering", "BatchCall", "Retry", "UpstreamCall");
    assertThat(shared).endsWith(direct.toArray());
    assertThat(field(stage(shared, "Coalescer"), "direct")).isSameAs(fork.direct());
  }

  @Test
  void aRequestIsSplitBeforeItsPartsReachTheFork(Vertx vertx) throws Exception {
    assertThat(names(chain(pipeline(vertx, EVERY_STAGE).first())))
        .containsExactly("FanOut", "Fork");
  }

  @Test
  void stagesThatAreNotConfiguredAreNotThere(Vertx vertx) throws Exception {
    assertThat(names(fork(vertx, UPSTREAM).shared()))
        .containsExactly(
            "MemoryCache",
            "Coalescer",
            "MemoryWriter",
            "Recorder",
            "OnlyIfCached",
            "BatchCall",
            "Retry",
            "UpstreamCall");
  }

  private Fork fork(Vertx vertx, String config) throws Exception {
    List<Object> above = chain(pipeline(vertx, config).first());
    return (Fork) above.get(above.size() - 1);
  }

  private Pipeline pipeline(Vertx vertx, String config) throws Exception {
    ConfigGeneration generation =
        ConfigGeneration.first(vertx, ConfigLoader.parse(config.formatted(folder)), 1).await();
    ProcessState process =
        ProcessState.of(
            generation,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
            Api.ENDPOINTS,
            System::currentTimeMillis);
    Pipeline made =
        onLoop(
            vertx,
            () ->
                new Pipeline(
                    vertx,
                    process,
                    generation,
                    Connections.open(vertx, generation, process),
                    generation.digests(Api.ENDPOINTS)));
    process.flush().await();
    return made;
  }

  private static <T> T onLoop(Vertx vertx, Callable<T> work) {
    return Future.<T>future(
            made ->
                vertx
                    .getOrCreateContext()
                    .runOnContext(
                        here -> {
                          try {
                            made.complete(work.call());
                          } catch (Exception failed) {
                            made.fail(failed);
                          }
                        }))
        .await();
  }

  private static List<String> names(SharedService first) throws Exception {
    return names(chain(first));
  }

  private static List<String> names(List<Object> stages) {
    return stages.stream().map(stage -> stage.getClass().getSimpleName()).toList();
  }

  private static Object stage(List<Object> stages, String name) {
    return stages.stream()
        .filter(stage -> stage.getClass().getSimpleName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** This stage and those behind its {@code next}. */
  private static List<Object> chain(Object first) throws Exception {
    List<Object> stages = new ArrayList<>();
    for (Object stage = first; stage != null; stage = field(stage, "next")) {
      stages.add(stage);
    }
    return stages;
  }

  private static Object field(Object stage, String name) throws Exception {
    Field field =
        Stream.of(stage.getClass().getDeclaredFields())
            .filter(each -> each.getName().equals(name))
            .findFirst()
            .orElse(null);
    if (field == null) {
      return null;
    }
    field.setAccessible(true);
    return field.get(stage);
  }
}
