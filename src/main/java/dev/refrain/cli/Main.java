package dev.refrain.cli;

import dev.refrain.config.ConfigError;
import dev.refrain.demo.DemoCommand;
import dev.refrain.demo.UpstreamCommand;
import dev.refrain.runtime.Version;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line. Exit status: 0 done, 1 an internal error, 2 a wrong command line, configuration
 * or port; each is reported in one line on stderr. {@code record} and {@code replay} end with the
 * status of their command, or with one of their own.
 */
@Command(
    name = "refrain",
    description = "Never pays twice for the same deterministic call.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = ScopeType.INHERIT,
    footer = {
      "",
      "Environment variables, each overriding the file:",
      "  REFRAIN_CONFIG            the file, when --config is not given",
      "  REFRAIN_PORT              port of the API (8080)",
      "  REFRAIN_MANAGEMENT_HOST   address of metrics and health (127.0.0.1)",
      "  REFRAIN_MANAGEMENT_PORT   port of metrics and health (9090)",
      "  REFRAIN_MANAGEMENT_TOKEN  token that the management port requires",
      "  REFRAIN_UPSTREAM_URL      base URL of the upstream; enough by itself",
      "  REFRAIN_UPSTREAM_API_KEY  key sent there instead of the caller's",
      "  REFRAIN_CACHE_DISK_PATH   folder of the cache that survives a restart",
      "  REFRAIN_REDIS_URL         cache shared by the fleet",
      "  REFRAIN_REDIS_PASSWORD    that of its servers where sentinels or a cluster name them",
      "  REFRAIN_SENTINEL_PASSWORD that of the sentinels",
      "  REFRAIN_JAVA_OPTS         more flags for the JVM",
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Without a command: the help. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** Runs the command and ends the process with its exit status. */
  public static void main(String[] args) {
    System.exit(commandLine(System.getenv()).execute(args));
  }

  /** Every command, in the order of the help. */
  static CommandLine commandLine(Map<String, String> env) {
    return new CommandLine(new Main())
        .addSubcommand(new ServeCommand(env))
        .addSubcommand(new DoctorCommand(env))
        .addSubcommand(CacheCommand.commandLine(env))
        .addSubcommand(job(new RecordCommand(env)))
        .addSubcommand(job(new ReplayCommand(env)))
        .addSubcommand(new DemoCommand(EmbeddedProxy::launch))
        .addSubcommand(new UpstreamCommand())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::refuse)
        .setExecutionExceptionHandler(Main::fail);
  }

  // What stands behind the command is the command's, with or without "--".
  private static CommandLine job(Object command) {
    return new CommandLine(command).setStopAtPositional(true);
  }

  private static int refuse(ParameterException wrong, String[] args) {
    CommandLine command = wrong.getCommandLine();
    say(command, wrong.getMessage());
    command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }

  private static int fail(Exception failure, CommandLine command, ParseResult parsed) {
    if (failure instanceof ConfigError) {
      say(command, failure.getMessage());
      return ExitCode.USAGE;
    }
    failure.printStackTrace(command.getErr());
    return ExitCode.SOFTWARE;
  }

  private static void say(CommandLine command, String message) {
    command.getErr().println("refrain: " + message);
  }
}
