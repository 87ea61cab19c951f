package dev.refrain;

import dev.refrain.config.Config;
import dev.refrain.config.ConfigError;
import dev.refrain.config.ConfigLoader;
import dev.refrain.http.DebugToken;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code debug-header}: makes the header by which one request has its steps logged. */
@Command(
    name = "debug-header",
    description = "Prints a header that makes Refrain log the steps of a request that carries it.")
final class DebugHeaderCommand implements Callable<Integer> {
  private static final int MOST = 1440;

  private final Map<String, String> env;

  @Option(names = "--config", paramLabel = "FILE", description = "The file of the proxy.")
  private Path file;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "10",
      description = "Validity, " + MOST + " at most; ${DEFAULT-VALUE} if not given.")
  private int minutes;

  @Spec private CommandSpec spec;

  DebugHeaderCommand(Map<String, String> env) {
    this.env = env;
  }

  @Override
  public Integer call() {
    if (minutes < 1 || minutes > MOST) {
      String wrong = "--minutes: %d (expected: 1 to %d)".formatted(minutes, MOST);
      throw new ParameterException(spec.commandLine(), wrong);
    }
    Config.Logging logging = ConfigLoader.load(Optional.ofNullable(file), env).logging();
    if (!logging.debugKey().isPresent()) {
      throw new ConfigError("logging.debugKey: empty (expected: a secret to sign the header with)");
    }
    DebugToken pass = new DebugToken(logging.debugKey().value(), System::currentTimeMillis);
    long until = System.currentTimeMillis() / 1000 + 60L * minutes;
    spec.commandLine().getOut().println(DebugToken.HEADER + ": " + pass.until(until));
    return 0;
  }
}
