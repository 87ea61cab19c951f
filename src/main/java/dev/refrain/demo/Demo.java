package dev.refrain.demo;

import dev.refrain.demo.DemoClient.Outcome;
import dev.refrain.demo.SimulatedUpstream.Simulation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Shows in a few seconds what Refrain does: a simulated upstream, the proxy before it, and requests
 * with measured outcomes.
 *
 * <p>Threads: {@link #run} blocks and belongs on a program's main thread.
 */
public final class Demo {
  private static final Duration DELAY_PER_TOKEN = Duration.ofMillis(20);
  private static final long PATIENCE_SECONDS = 20;

  private final Proxy.Launcher launcher;
  private final Simulation simulation;

  /** A demo of the proxies that {@code launcher} starts. */
  public Demo(Proxy.Launcher launcher) {
    this(launcher, Simulation.of(DELAY_PER_TOKEN));
  }

  /** A demo whose simulated upstream answers at this pace. */
  Demo(Proxy.Launcher launcher, Simulation simulation) {
    this.launcher = launcher;
    this.simulation = simulation;
  }

  /**
   * Starts everything, goes on the tour, and stops everything.
   *
   * @param exit false to stay up after the tour until the process is ended or the thread
   *     interrupted
   * @return 0 if everything shown was as it must be, 1 otherwise
   */
  public int run(boolean exit, PrintStream out, boolean colour) {
    Table table = new Table(out, colour);
    Vertx vertx = Vertx.vertx();
    try {
      SimulatedUpstream upstream = await(SimulatedUpstream.start(vertx, simulation));
      Proxy proxy = await(launcher.launch(upstream.port()));
      return visit(vertx, upstream, proxy, table, exit);
    } catch (DemoFailed e) {
      table.failure("The demo could not start: " + e.getMessage());
      return 1;
    } finally {
      stop(vertx.close());
    }
  }

  private static int visit(
      Vertx vertx, SimulatedUpstream upstream, Proxy proxy, Table table, boolean exit) {
    try {
      table.head(proxy.port(), upstream.port());
      DemoClient demoClient = new DemoClient(vertx, proxy.port(), upstream);
      boolean allTrue = new Tour(Step.tour(), demoClient, table).go();
      if (!exit) {
        table.invitation(proxy.port(), proxy.managementPort());
        stayUp();
      }
      return allTrue ? 0 : 1;
    } finally {
      stop(proxy.stop());
    }
  }

  private static void stayUp() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      // The one way to end a demo that does not end the process with it.
    }
  }

  private static <T> T await(Future<T> future) throws DemoFailed {
    try {
      future.transform(Future::succeededFuture).await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new DemoFailed("not ready in " + PATIENCE_SECONDS + " s");
    }
    if (future.failed()) {
      throw new DemoFailed(future.cause().getMessage());
    }
    return future.result();
  }

  /** Anything that cannot be stopped in time ends with the process. */
  private static void stop(Future<Void> stopping) {
    try {
      stopping.otherwiseEmpty().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return;
    }
  }

  private static final class DemoFailed extends Exception {
    private static final long serialVersionUID = 1L;

    DemoFailed(String message) {
      super(message, null, false, false);
    }
  }

  /** A running proxy, as much of it as a tour needs. */
  public interface Proxy {
    /** The public port, on the loopback interface. */
    int port();

    /** The URL of the management port. */
    int managementPort();

    /** Stops it. Called off its event loops. */
    Future<Void> stop();

    /** Starts proxies. */
    @FunctionalInterface
    interface Launcher {
      /** Starts one with its defaults, on a free port, before the upstream on a loopback port. */
      Future<Proxy> launch(int upstreamPort);
    }
  }

  /** Goes through the steps and checks every one. Blocks, so never on an event loop. */
  private static final class Tour {
    private final List<Step> steps;
    private final DemoClient demoClient;
    private final Table table;

    Tour(List<Step> steps, DemoClient demoClient, Table table) {
      this.steps = steps;
      this.demoClient = demoClient;
      this.table = table;
    }

    /** Whether everything it showed was as it must be. */
    boolean go() {
      List<Outcome> outcomes = new ArrayList<>();
      int wrong = 0;
      for (Step step : steps) {
        Outcome outcome = demoClient.ask(step);
        List<String> mismatches = step.expected().mismatches(outcome, outcomes);
        outcomes.add(outcome);
        table.row(outcomes.size(), step, outcome, mismatches);
        wrong += mismatches.isEmpty() ? 0 : 1;
      }
      table.totals(outcomes, steps.stream().mapToInt(Step::times).sum(), wrong);
      return wrong == 0;
    }
  }
}
