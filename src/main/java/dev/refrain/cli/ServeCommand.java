package dev.refrain.cli;

import dev.refrain.Refrain;
import dev.refrain.config.Config;
import dev.refrain.config.ConfigLoader;
import dev.refrain.config.ServerConfig;
import dev.refrain.logging.Logging;
import dev.refrain.runtime.ConfigFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code serve}: runs the proxy until the process is asked to stop. */
@Command(name = "serve", description = "Runs the proxy until SIGTERM or SIGINT.")
public final class ServeCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);
  private static final int START_SECONDS = 60;
  public static final int STOP_SECONDS = 10;

  private final Map<String, String> env;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file; conf/refrain.yaml is the reference, with every key and default.")
  private Path file;

  @Option(
      names = "--upstream",
      paramLabel = "URL",
      description = "Base URL of the only upstream; overrides REFRAIN_UPSTREAM_URL.")
  private String upstream;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port of the API, 0 for any; overrides REFRAIN_PORT.")
  private String port;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "${COMPLETION-CANDIDATES}; overrides logging.level of the file.")
  private Config.Level level;

  @Spec private CommandSpec spec;

  ServeCommand(Map<String, String> env) {
    this.env = env;
  }

  @Override
  public Integer call() throws Exception {
    ConfigFile source =
        ConfigFile.of(Optional.ofNullable(file), ConfigLoader.withOptions(env, upstream, port));
    Config config = source.load();
    try (Logging logging = log(config.logging())) {
      WarmUp.run(config.server().warmUp(), WarmUp.LONGEST);
      serve(config, source, logging);
    }
    return 0;
  }

  private void serve(Config config, ConfigFile source, Logging logging) throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    hear(told);
    Refrain refrain = start(config, source);
    refrain.measure(logging);
    Signals.on("HUP", refrain::reload);
    announce(config, refrain);
    DoctorCommand.exposure(config).warnings().forEach(warning -> LOG.warn(warning.says()));
    told.await();
    stop(refrain, config.server().drain());
  }

  // The JVM's own way with these two would end in another exit status, whatever we do.
  private static void hear(CountDownLatch told) {
    Signals.on("INT", () -> end(told));
    if (!Signals.on("TERM", () -> end(told))) {
      Runtime.getRuntime().addShutdownHook(new Thread(told::countDown, "refrain-stop"));
    }
  }

  /** The first signal drains; the second ends the process at once. */
  private static void end(CountDownLatch told) {
    if (told.getCount() == 0) {
      Runtime.getRuntime().halt(ExitCode.SOFTWARE);
    }
    told.countDown();
  }

  private Logging log(Config.Logging config) {
    Config.Level least = level == null ? config.level() : level;
    return Logging.begin(
        least.name(),
        switch (config.format()) {
          case PLAIN -> Logging.Format.PLAIN;
          case JSON -> Logging.Format.JSON;
        });
  }

  private static Refrain start(Config config, ConfigFile source) throws Exception {
    try {
      return Refrain.start(config, source).await(START_SECONDS, TimeUnit.SECONDS);
    } catch (Exception failure) {
      throw PortErrors.explain(failure, config).map(Exception.class::cast).orElse(failure);
    }
  }

  private void announce(Config config, Refrain refrain) {
    spec.commandLine()
        .getOut()
        .printf(
            "Refrain listens on %s, management on %s%n",
            url(
                config.server().tls().enabled() ? "https" : "http",
                config.server().host(),
                refrain.port()),
            url("http", config.management().host(), refrain.managementPort()))
        .flush();
  }

  private static String url(String scheme, String host, int port) {
    return scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private void stop(Refrain refrain, ServerConfig.Drain drain) {
    Duration longest = drain.delay().plus(drain.timeout()).plusSeconds(STOP_SECONDS);
    try {
      refrain.stop().await(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (Exception failure) {
      spec.commandLine()
          .getErr()
          .println("refrain: stopped before all requests had finished: " + failure);
    }
  }
}
