package dev.refrain;

import dev.refrain.config.Config;
import dev.refrain.config.ConfigLoader;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code serve}: runs the proxy until the process is told to stop. */
@Command(name = "serve", description = "Runs the proxy until SIGTERM or SIGINT.")
final class ServeCommand implements Callable<Integer> {
  /** Read by {@code logback.xml} when the first logger is made. */
  private static final String LOG_LEVEL = "refrain.log.level";

  private static final int START_SECONDS = 60;
  private static final int STOP_SECONDS = 60;

  private final Map<String, String> env;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file; conf/refrain.yaml is the reference, with every key and default.")
  private Path file;

  @Spec private CommandSpec spec;

  ServeCommand(Map<String, String> env) {
    this.env = env;
  }

  @Override
  public Integer call() throws Exception {
    Config config = ConfigLoader.load(Optional.ofNullable(file), env);
    logFrom(config.logging().level());
    Refrain refrain = start(config);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(refrain), "refrain-stop"));
    announce(config, refrain);
    waitForSignal();
    return 0;
  }

  // A level given to the JVM itself is more deliberate than that of the file.
  private static void logFrom(Config.Level level) {
    if (System.getProperty(LOG_LEVEL) == null) {
      System.setProperty(LOG_LEVEL, level.name().toLowerCase(Locale.ROOT));
    }
  }

  private static Refrain start(Config config) throws Exception {
    try {
      return Refrain.start(config).await(START_SECONDS, TimeUnit.SECONDS);
    } catch (Exception failure) {
      throw Doors.explain(failure, config).map(Exception.class::cast).orElse(failure);
    }
  }

  private void announce(Config config, Refrain refrain) {
    spec.commandLine()
        .getOut()
        .printf(
            "Refrain listens on %s, management on %s%n",
            url(config.server().host(), refrain.port()),
            url(config.management().host(), refrain.managementPort()))
        .flush();
  }

  private static String url(String host, int port) {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static void waitForSignal() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  private static void stop(Refrain refrain) {
    try {
      refrain.stop().await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (Exception failure) {
      // The process ends in any case; loggers may be gone already.
      System.err.println("refrain: stopped before everything was done: " + failure);
    }
  }
}
