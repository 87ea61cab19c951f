package dev.refrain.cli;

import dev.refrain.cassette.Cassette;
import dev.refrain.cassette.CassetteFiles.CassetteError;
import dev.refrain.cassette.RequestForms;
import dev.refrain.config.ConfigError;
import dev.refrain.job.JobReport;
import dev.refrain.job.JobServer;
import dev.refrain.job.Pricing;
import dev.refrain.job.ReplayHandler;
import dev.refrain.job.ReplayHandler.Pace;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replay --from FILE -- COMMAND…}: runs a command before recorded answers. */
@Command(
    name = "replay",
    description =
        "Runs a command whose requests are answered from a recording: no upstream, no key.",
    exitCodeListHeading = "%nExit status: that of the command, but%n",
    exitCodeList = {
      "2:a wrong command line, or a file that cannot be read",
      "3:a request was not recorded",
      "127:there is no such command"
    })
final class ReplayCommand implements Callable<Integer> {
  private static final int NOT_RECORDED = 3;
  private static final String NAME = "replay";
  private static final int LARGEST_REQUEST = 64 << 20;

  private final Map<String, String> env;

  @Option(names = "--from", paramLabel = "FILE", required = true, description = "The recording.")
  private Path from;

  @Option(
      names = "--pace",
      paramLabel = "PACE",
      defaultValue = "NONE",
      description = "none: at once; recorded: at the times in FILE.times. Default: none.")
  private Pace pace;

  @Mixin private JobOptions job;
  @Spec private CommandSpec spec;

  ReplayCommand(Map<String, String> env) {
    this.env = env;
  }

  @Override
  public Integer call() throws Exception {
    Pricing pricing = JobOptions.pricing(job.config(env));
    if (job.report != null) {
      JobOptions.checkWritable("--report", job.report);
    }
    RequestForms forms = JobOptions.forms();
    Cassette cassette = cassette(forms);
    PrintWriter err = spec.commandLine().getErr();
    Vertx vertx = JobOptions.vertx();
    try {
      ReplayHandler handler =
          new ReplayHandler(
              vertx,
              forms,
              cassette,
              pace,
              LARGEST_REQUEST,
              pricing,
              line -> err.println("refrain " + NAME + ": " + line));
      JobServer server = JobOptions.on(vertx, () -> JobServer.open(vertx, handler));
      int status =
          new ChildCommand(job.command, JobOptions.environment(server.url(), "replay", env)).run();
      JobReport report = JobOptions.on(vertx, () -> Future.succeededFuture(handler.report()));
      int ended = report.notRecorded() > 0 ? NOT_RECORDED : status;
      job.print(report, NAME, ended, err);
      return ended;
    } catch (ChildCommand.NotRun refused) {
      err.println("refrain: " + refused.getMessage());
      return refused.status();
    } finally {
      vertx.close();
    }
  }

  private Cassette cassette(RequestForms forms) {
    try {
      return new Cassette(JobOptions.files(forms).read(from, pace == Pace.RECORDED));
    } catch (CassetteError unreadable) {
      throw new ConfigError(unreadable.getMessage());
    }
  }
}
