package dev.refrain.cli;

import dev.refrain.binding.UpstreamServer;
import dev.refrain.cassette.Cassette;
import dev.refrain.cassette.CassetteFiles;
import dev.refrain.cassette.CassetteFiles.CassetteError;
import dev.refrain.cassette.Exchange;
import dev.refrain.cassette.RequestForms;
import dev.refrain.config.BaseUrl;
import dev.refrain.config.Config;
import dev.refrain.config.ConfigError;
import dev.refrain.inference.Observer;
import dev.refrain.job.JobReport;
import dev.refrain.job.JobServer;
import dev.refrain.job.RecordHandler;
import dev.refrain.job.RecordLimits;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.settings.Size;
import dev.refrain.upstream.HttpClients;
import dev.refrain.upstream.Target;
import dev.refrain.upstream.passthrough.PassThrough;
import dev.refrain.upstream.passthrough.PassThrough.Origin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code record --to FILE -- COMMAND…}: runs a command and records what its server answers. */
@Command(
    name = "record",
    description = "Runs a command and records every answer that its requests get.",
    exitCodeListHeading = "%nExit status: that of the command, but%n",
    exitCodeList = {
      "2:a wrong command line or configuration, or a file that cannot be read",
      "4:an answer could not be recorded, or the file could not be written",
      "127:there is no such command"
    })
final class RecordCommand implements Callable<Integer> {
  private static final int INCOMPLETE = 4;
  private static final String NAME = "record";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  // The time limits of the command's own client decide.
  private static final Duration PATIENT = Duration.ofHours(1);
  private static final int CONNECTIONS = 1024;
  private static final String OPENAI = "https://api.openai.com/v1";

  private final Map<String, String> env;

  @Option(
      names = "--to",
      paramLabel = "FILE",
      required = true,
      description =
          "The recording: one JSON object a line. FILE.times has the times of its answers.")
  private Path to;

  @Option(
      names = "--upstream",
      paramLabel = "URL",
      description =
          "Base URL of the server. Default: that of --config, REFRAIN_UPSTREAM_URL,"
              + " OPENAI_BASE_URL, or OpenAI's.")
  private String upstream;

  @Option(
      names = "--update",
      description = "Answer from FILE what it has, and add what it has not.")
  private boolean update;

  @Option(
      names = "--max-exchange",
      paramLabel = "SIZE",
      defaultValue = "32MiB",
      converter = Sizes.class,
      description = "Largest request and answer that is recorded. Default: 32MiB.")
  private Size maxExchange;

  @Option(
      names = "--max-size",
      paramLabel = "SIZE",
      converter = Sizes.class,
      description = "Largest recording. Default: 256MiB, or a quarter of the heap if that is less.")
  private Size maxSize;

  @Mixin private JobOptions job;
  @Spec private CommandSpec spec;

  /** Reads {@code 32MiB}. */
  private static final class Sizes implements ITypeConverter<Size> {
    @Override
    public Size convert(String text) {
      try {
        return Size.parse(text);
      } catch (IllegalArgumentException noSize) {
        throw new TypeConversionException(text + " (expected: a size such as 32MiB)");
      }
    }
  }

  RecordCommand(Map<String, String> env) {
    this.env = env;
  }

  @Override
  public Integer call() throws Exception {
    JobOptions.checkWritable("--to", to);
    if (job.report != null) {
      JobOptions.checkWritable("--report", job.report);
    }
    Optional<Config> config = config();
    RequestForms forms = JobOptions.forms();
    Cassette before = before(forms);
    Vertx vertx = JobOptions.vertx();
    try {
      return run(vertx, config, forms, before);
    } catch (ChildCommand.NotRun refused) {
      err().println("refrain: " + refused.getMessage());
      return refused.status();
    } finally {
      vertx.close();
    }
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  private int run(Vertx vertx, Optional<Config> config, RequestForms forms, Cassette before)
      throws Exception {
    Origin origin = JobOptions.on(vertx, () -> origin(vertx, config));
    String key = origin.target().apiKey();
    RecordHandler handler =
        JobOptions.on(
            vertx,
            () ->
                Future.succeededFuture(
                    new RecordHandler(
                        vertx,
                        forms,
                        passThrough(vertx, origin),
                        key,
                        before,
                        limits(),
                        JobOptions.pricing(config),
                        line -> err().println("refrain " + NAME + ": " + line))));
    JobServer port = JobOptions.on(vertx, () -> JobServer.open(vertx, handler));
    Map<String, String> variables =
        JobOptions.environment(port.url(), key == null ? null : NAME, env);
    int status = new ChildCommand(job.command, variables).run();
    List<Exchange> exchanges = JobOptions.on(vertx, () -> handler.finish(PATIENCE));
    JobReport report = JobOptions.on(vertx, () -> Future.succeededFuture(handler.report()));
    boolean written = write(exchanges);
    int ended = written && report.notRecordable() == 0 ? status : INCOMPLETE;
    job.print(report, NAME, ended, err());
    return ended;
  }

  private static PassThrough passThrough(Vertx vertx, Origin origin) {
    return new PassThrough(
        vertx,
        HttpClients.single(vertx),
        List.of(origin),
        PATIENT,
        MemoryBudget.unlimited(),
        Observer.NONE);
  }

  private Future<Origin> origin(Vertx vertx, Optional<Config> config) {
    if (config.isEmpty()) {
      return Future.succeededFuture(new Origin(target(), List.of()));
    }
    return UpstreamServer.open(
            vertx,
            "upstreams[0]",
            config.get().upstreams().get(0),
            config.get().retry(),
            Duration.ZERO,
            1)
        .map(UpstreamServer::origin);
  }

  // Without a file there is no need to read one, which takes a third of a start.
  private Target target() {
    String option = upstream != null ? "--upstream" : "REFRAIN_UPSTREAM_URL or OPENAI_BASE_URL";
    String url =
        Optional.ofNullable(upstream)
            .or(() -> set("REFRAIN_UPSTREAM_URL"))
            .or(() -> set("OPENAI_BASE_URL"))
            .orElse(OPENAI);
    return new Target(
        "upstream",
        BaseUrl.parse(option, url),
        List.of(),
        set("REFRAIN_UPSTREAM_API_KEY").orElse(null),
        CONNECT_TIMEOUT,
        PATIENT,
        PATIENT,
        PATIENT,
        CONNECTIONS,
        CONNECTIONS,
        Target.Transport.DIRECT);
  }

  private RecordLimits limits() {
    long most = Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);
    return new RecordLimits(maxExchange.bytes(), maxSize == null ? most : maxSize.bytes());
  }

  private Optional<Config> config() {
    Map<String, String> variables = new HashMap<>(env);
    if (upstream != null) {
      variables.put("REFRAIN_UPSTREAM_URL", upstream);
    }
    return job.config(variables);
  }

  private Optional<String> set(String variable) {
    return Optional.ofNullable(env.get(variable)).filter(value -> !value.isEmpty());
  }

  private Cassette before(RequestForms forms) {
    if (!update || !Files.exists(to)) {
      return new Cassette(List.of());
    }
    try {
      return new Cassette(JobOptions.files(forms).read(to, true));
    } catch (CassetteError unreadable) {
      throw new ConfigError(unreadable.getMessage());
    }
  }

  private boolean write(List<Exchange> exchanges) {
    try {
      CassetteFiles.write(to, exchanges);
      return true;
    } catch (IOException unwritable) {
      err().println("refrain: " + to + ": cannot be written: " + unwritable.getMessage());
      return false;
    }
  }
}
