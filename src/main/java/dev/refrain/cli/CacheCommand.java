package dev.refrain.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code cache}: the group of commands about what is stored. */
@Command(name = "cache", description = "Looks into the cache.")
final class CacheCommand {
  private CacheCommand() {}

  /** The group with its commands, in the order of the help. */
  static CommandLine commandLine(Map<String, String> env) {
    return new CommandLine(new CacheCommand()).addSubcommand(new ExplainCommand(env));
  }
}
