package dev.refrain.demo;

import dev.refrain.demo.Demo.Proxy;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;

/** {@code demo [--exit]}: the guided tour. Exits with 0 only if what it showed was true. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = "Show what Refrain does, with real requests against a simulated upstream.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:every step had the expected result",
      "1:a step had not, or the demo could not start"
    },
    footer = {
      "",
      "Environment variables:",
      "  NO_COLOR                  if set, no colours",
      "  REFRAIN_JAVA_OPTS         more flags for the JVM"
    })
public final class DemoCommand implements Callable<Integer> {
  private final Demo demo;

  @Option(names = "--exit", description = "Exit after the tour instead of staying up.")
  private boolean exit;

  /** A command that shows the proxies of {@code launcher}. */
  public DemoCommand(Proxy.Launcher launcher) {
    this.demo = new Demo(launcher);
  }

  /** Runs the demo; colours only on a terminal, and not against {@code NO_COLOR}. */
  @Override
  public Integer call() {
    return demo.run(exit, System.out, Ansi.AUTO.enabled());
  }
}
