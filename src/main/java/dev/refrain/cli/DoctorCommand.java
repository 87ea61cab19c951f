package dev.refrain.cli;

import dev.refrain.ConfigGeneration;
import dev.refrain.binding.MemoryBinding;
import dev.refrain.binding.ServerCertificates;
import dev.refrain.config.CacheConfig;
import dev.refrain.config.Config;
import dev.refrain.config.ConfigError;
import dev.refrain.config.ConfigLoader;
import dev.refrain.config.RedisConfig;
import dev.refrain.config.ServerConfig;
import dev.refrain.config.UpstreamConfig;
import dev.refrain.doctor.CertificateCheck;
import dev.refrain.doctor.DiskCheck;
import dev.refrain.doctor.Doctor;
import dev.refrain.doctor.Doctor.Check;
import dev.refrain.doctor.ExposureCheck;
import dev.refrain.doctor.Finding;
import dev.refrain.doctor.HeapCheck;
import dev.refrain.doctor.KeyCheck;
import dev.refrain.doctor.MemoryCheck;
import dev.refrain.doctor.OpenFilesCheck;
import dev.refrain.doctor.PortCheck;
import dev.refrain.doctor.RedisCheck;
import dev.refrain.doctor.Report;
import dev.refrain.doctor.UpstreamCheck;
import dev.refrain.inference.Glob;
import dev.refrain.keys.KeySettings;
import dev.refrain.metrics.Prices;
import dev.refrain.upstream.passthrough.PassThrough.Origin;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code doctor}: says what will not work, before it is needed. */
@Command(
    name = "doctor",
    description = "Checks configuration, upstreams, Redis and this machine.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all checks passed, or there are only warnings",
      "1:something will not work",
      "2:the configuration is wrong"
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int PATIENCE_SECONDS = 60;

  private final Map<String, String> env;

  @Option(names = "--config", paramLabel = "FILE", description = "The file to check.")
  private Path file;

  @Option(
      names = "--json",
      description = "Print one JSON document, also about a wrong configuration.")
  private boolean json;

  @Option(
      names = "--request",
      paramLabel = "FILE",
      description = "The body of a request: say which rule of cache.rules it meets.")
  private Path request;

  @Option(
      names = "--endpoint",
      paramLabel = "PATH",
      description = "Where that request goes (default: by its fields).")
  private String endpoint;

  @Option(
      names = "--header",
      paramLabel = "NAME:VALUE",
      description = "A header field of that request; may be repeated.")
  private List<String> headers = List.of();

  @Spec private CommandSpec spec;

  DoctorCommand(Map<String, String> env) {
    this.env = env;
  }

  @Override
  public Integer call() throws Exception {
    try {
      return examine();
    } catch (ConfigError wrong) {
      if (json) {
        print(new Report(List.of(Finding.fail("configuration", wrong.getMessage()))).json());
      }
      throw wrong;
    }
  }

  private Integer examine() throws Exception {
    Config config = ConfigLoader.load(Optional.ofNullable(file), env);
    Vertx vertx = Vertx.vertx();
    try {
      Report report =
          ConfigGeneration.first(vertx, config, 1)
              .compose(generation -> new Doctor(all(vertx, generation)).examine())
              .map(Report::new)
              .await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      print(json ? report.json() : report.text());
      return report.isBad() ? ExitCode.SOFTWARE : ExitCode.OK;
    } finally {
      vertx.close().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private void print(String report) {
    spec.commandLine().getOut().print(report);
    spec.commandLine().getOut().flush();
  }

  private List<Check> all(Vertx vertx, ConfigGeneration generation) {
    List<Check> checks = checks(vertx, generation);
    if (request != null) {
      checks.add(0, new RequestCheck(generation, request, endpoint, headers));
    }
    return checks;
  }

  private static List<Check> checks(Vertx vertx, ConfigGeneration generation) {
    List<Check> checks = new ArrayList<>();
    List<Origin> origins = generation.origins();
    for (int i = 0; i < origins.size(); i++) {
      String key = "upstreams[" + i + "]";
      boolean credentials = generation.keyring().isEmpty();
      checks.add(new UpstreamCheck(vertx, origins.get(i).target(), key, credentials));
    }
    Config config = generation.config();
    if (!config.keys().isEmpty()) {
      checks.add(keys(config));
    }
    if (generation.isShared()) {
      checks.add(redis(vertx, generation));
    }
    if (config.cache().enabled() && config.cache().disk().enabled()) {
      CacheConfig.Disk disk = config.cache().disk();
      checks.add(new DiskCheck(Path.of(disk.path()), disk.size().bytes()));
    }
    checks.add(new CertificateCheck(vertx, ServerCertificates.files(config.server().tls())));
    checks.add(new PortCheck("server", config.server().host(), config.server().port()));
    checks.add(new PortCheck("management", config.management().host(), config.management().port()));
    checks.add(exposure(config));
    checks.add(new OpenFilesCheck(config.server().connections(), connections(config)));
    checks.add(
        new HeapCheck(config.cache().memory().size().bytes(), Runtime.getRuntime().maxMemory()));
    checks.add(memory(config));
    return checks;
  }

  static ExposureCheck exposure(Config config) {
    ServerConfig server = config.server();
    boolean mutual = server.tls().enabled() && !server.tls().clientCa().isEmpty();
    return new ExposureCheck(
        new ExposureCheck.Port(server.host(), mutual || !config.keys().isEmpty()),
        upstreams(config, true),
        new ExposureCheck.Port(
            config.management().host(), config.management().token().isPresent()));
  }

  /** What the configuration calls the upstreams with a key of the operator's, or those without. */
  private static List<String> upstreams(Config config, boolean paid) {
    List<UpstreamConfig> upstreams = config.upstreams();
    return IntStream.range(0, upstreams.size())
        .filter(i -> upstreams.get(i).apiKey().isPresent() == paid)
        .mapToObj(i -> "upstreams[" + i + "]")
        .toList();
  }

  private static Check memory(Config config) {
    MemoryBinding memory = new MemoryBinding(config);
    return new MemoryCheck(
        new MemoryCheck.Allowed(
            config.cache().memory().size().bytes(),
            memory.heapBudget(),
            memory.directBudget(),
            config.server().connections(),
            connections(config)),
        MemoryCheck.Limits.ofThisProcess(memory.direct()));
  }

  private static Check keys(Config config) {
    return new KeyCheck(
        config.keys().size(),
        config.keys().stream().map(KeySettings::tenant).distinct().count(),
        upstreams(config, false),
        budgets(config));
  }

  private static KeyCheck.Budgets budgets(Config config) {
    List<KeySettings> limited =
        config.keys().stream().filter(key -> key.budget().isLimited()).toList();
    Prices prices = new Prices(config.metrics());
    CacheConfig cache = config.cache();
    return new KeyCheck.Budgets(
        limited.stream().map(KeySettings::name).toList(),
        config.servedModels().stream()
            .filter(model -> new Glob(model).isExact() && prices.find(model).isEmpty())
            .filter(model -> limited.stream().anyMatch(key -> key.opens(model)))
            .toList(),
        cache.redis().enabled() || cache.enabled() && cache.disk().enabled());
  }

  private static Check redis(Vertx vertx, ConfigGeneration generation) {
    RedisConfig redis = generation.config().cache().redis();
    return new RedisCheck(vertx, generation.redisBinding().link(), redis.timeout(), redis.prefix());
  }

  // Pass-through requests have as many connections of their own.
  private static long connections(Config config) {
    return config.upstreams().stream().mapToLong(UpstreamConfig::connections).sum() * 2;
  }
}
