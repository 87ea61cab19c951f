package dev.refrain.demo;

import dev.refrain.demo.SimulatedUpstream.Simulation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code upstream [--port N] [--host H] [--delay MS] [--drift S]}: the simulated upstream alone,
 * until the process ends. Exits with 1 when the port is taken.
 */
@Command(
    name = "upstream",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "A simulated upstream: POST /v1/completions, plain and streamed, and GET /v1/models.",
      "At temperature 0 equal requests get equal text; above, only a seed makes them equal."
    },
    footerHeading = "%nModels that fail, on demand; any other name works:%n",
    footer = {
      "  error-NNN     that status, 400 to 599; error-429 with Retry-After: 1",
      "  error-hang    no answer at all",
      "  error-stream  an error event after three tokens; plain: status 500",
      "  error-cut     connection closed after three tokens; plain: amid the body",
      "  error-stall   silence after three tokens; plain: amid the body",
      "  error-done    [DONE] after three tokens, without a finish reason; plain: likewise"
    })
public final class UpstreamCommand implements Callable<Integer> {
  private static final double NANOS_PER_MILLI = 1e6;

  @Spec private CommandSpec spec;

  @Option(names = "--port", paramLabel = "N", defaultValue = "8000", description = "0 for any.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = Simulation.LOOPBACK,
      description = "Interface.")
  private String host;

  @Option(
      names = "--delay",
      paramLabel = "MS",
      defaultValue = "20",
      description = "Delay per token in milliseconds; may be a fraction.")
  private double delay;

  @Option(
      names = "--drift",
      paramLabel = "S",
      defaultValue = "0",
      description = "Seconds after which all answers change; 0 is never.")
  private int drift;

  /** Serves until the process ends or the thread is interrupted. */
  @Override
  public Integer call() throws InterruptedException {
    Vertx vertx = Vertx.vertx();
    try {
      Future<SimulatedUpstream> start = SimulatedUpstream.start(vertx, settings());
      CountDownLatch settled = new CountDownLatch(1);
      start.onComplete(done -> settled.countDown());
      settled.await();
      if (start.failed()) {
        spec.commandLine()
            .getErr()
            .println("upstream: cannot listen: " + start.cause().getMessage());
        return 1;
      }
      serve(start.result());
      return 0;
    } finally {
      vertx.close();
    }
  }

  private void serve(SimulatedUpstream upstream) throws InterruptedException {
    spec.commandLine()
        .getOut()
        .println("upstream: listening on http://" + host + ":" + upstream.port());
    spec.commandLine().getOut().flush();
    new CountDownLatch(1).await();
  }

  private Simulation settings() {
    if (port < 0 || port > 65_535) {
      throw new ParameterException(
          spec.commandLine(), "--port: " + port + " (expected: 0 to 65535)");
    }
    if (!(delay >= 0 && delay <= TimeUnit.MINUTES.toMillis(1))) {
      throw new ParameterException(
          spec.commandLine(), "--delay: " + delay + " (expected: 0 to 60000)");
    }
    if (drift < 0) {
      throw new ParameterException(
          spec.commandLine(), "--drift: " + drift + " (expected: 0 or more)");
    }
    return new Simulation(
        port, host, Duration.ofNanos((long) (delay * NANOS_PER_MILLI)), Duration.ofSeconds(drift));
  }
}
