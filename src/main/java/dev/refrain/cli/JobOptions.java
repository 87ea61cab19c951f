package dev.refrain.cli;

import dev.refrain.Api;
import dev.refrain.cassette.CassetteFiles;
import dev.refrain.cassette.RequestForms;
import dev.refrain.config.Config;
import dev.refrain.config.ConfigError;
import dev.refrain.config.ConfigLoader;
import dev.refrain.job.JobReport;
import dev.refrain.job.Pricing;
import dev.refrain.metrics.Prices;
import dev.refrain.openai.CanonicalBody;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code record} and {@code replay} have in common. */
final class JobOptions {
  private static final int PATIENCE_SECONDS = 60;
  private static final long LARGEST_FILE = 1L << 30;

  /** Read by the SDKs of OpenAI, by LangChain and LiteLLM, and by Open WebUI and promptfoo. */
  private static final List<String> BASE_URLS =
      List.of("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_BASE_URL");

  @Option(names = "--report", paramLabel = "FILE", description = "Write the report as JSON, too.")
  Path report;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file with the upstream and with metrics.prices.")
  Path config;

  @Parameters(
      paramLabel = "COMMAND",
      arity = "1..*",
      description = "What to run, behind --, with its arguments.")
  List<String> command;

  /** The configuration, if a file is given. */
  Optional<Config> config(Map<String, String> env) {
    return ConfigLoader.path(Optional.ofNullable(config), env).isEmpty()
        ? Optional.empty()
        : Optional.of(ConfigLoader.load(Optional.ofNullable(config), env));
  }

  /** The prices of a configuration. */
  static Pricing pricing(Optional<Config> config) {
    return config
        .filter(given -> !given.metrics().prices().isEmpty())
        .map(
            given -> {
              Prices prices = new Prices(given.metrics());
              return new Pricing(prices.currency(), prices::cost);
            })
        .orElse(Pricing.NONE);
  }

  static RequestForms forms() {
    return new RequestForms(new CanonicalBody(Api.ENDPOINTS));
  }

  /** Files no larger than this process can hold. */
  static CassetteFiles files(RequestForms forms) {
    return new CassetteFiles(forms, Math.min(LARGEST_FILE, Runtime.getRuntime().maxMemory() / 3));
  }

  /** One event loop and no more. */
  static Vertx vertx() {
    return Vertx.vertx(
        new VertxOptions()
            .setEventLoopPoolSize(1)
            .setWorkerPoolSize(2)
            .setInternalBlockingPoolSize(2)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setFileCachingEnabled(false)
                    .setClassPathResolvingEnabled(false)));
  }

  /** Runs this on the one event loop, and waits for what comes of it. */
  static <T> T on(Vertx vertx, Supplier<Future<T>> action) throws Exception {
    Promise<T> done = Promise.promise();
    vertx.runOnContext(v -> action.get().onComplete(done));
    return done.future().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /**
   * The variables by which the command finds the port.
   *
   * @param key put in the place of a missing API key, without which no SDK begins; or null
   */
  static Map<String, String> environment(String url, String key, Map<String, String> env) {
    Map<String, String> variables = new HashMap<>();
    BASE_URLS.forEach(name -> variables.put(name, url));
    if (key != null && env.getOrDefault("OPENAI_API_KEY", "").isEmpty()) {
      variables.put("OPENAI_API_KEY", key);
    }
    // Through an outbound proxy the port could not be reached.
    for (String name : List.of("NO_PROXY", "no_proxy")) {
      String others = env.getOrDefault(name, "");
      variables.put(name, others.isEmpty() ? "127.0.0.1" : others + ",127.0.0.1");
    }
    return variables;
  }

  /** Fails if no file can be made there: before anything is paid for. */
  static void checkWritable(String option, Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || folder == null || !Files.isWritable(folder)) {
      throw new ConfigError(option + ": " + file + " (expected: a file in a folder to write to)");
    }
  }

  /** Prints the report, and writes it where it is asked for. */
  void print(JobReport result, String name, int status, PrintWriter err) throws IOException {
    result.lines().forEach(line -> err.println("refrain " + name + ": " + line));
    if (result.requests() == 0) {
      err.println(
          "refrain "
              + name
              + ": nothing came by way of OPENAI_BASE_URL; does the command read it?");
    }
    err.flush();
    if (report != null) {
      Files.writeString(report, result.json(status));
    }
  }
}
