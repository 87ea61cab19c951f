package dev.refrain.demo;

import static dev.refrain.demo.UpstreamClient.awaited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.demo.SimulatedUpstream.Simulation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CommandsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void theHelpOfTheUpstreamNamesEveryModelThatFails() {
    String help = new CommandLine(new UpstreamCommand()).getUsageMessage();

    assertThat(help).contains("error-NNN", "error-429").contains("--delay=MS").contains("20");
    assertThat(help)
        .contains(InjectedFault.MODELS.stream().filter(m -> !m.matches(".*\\d+")).toList());
  }

  @Test
  void valuesWithoutMeaningAreUsageErrors() {
    assertThat(upstream("--port", "70000")).isEqualTo(2);
    assertThat(upstream("--delay", "-1")).isEqualTo(2);
    assertThat(upstream("--delay", "NaN")).isEqualTo(2);
    assertThat(err.toString()).contains("--delay: NaN (expected: 0 to 60000)");
  }

  @Test
  void aTakenPortIsOneLineAndStatusOne() {
    Vertx vertx = Vertx.vertx();
    SimulatedUpstream first = awaited(SimulatedUpstream.start(vertx, Simulation.of(Duration.ZERO)));

    assertThat(upstream("--port", Integer.toString(first.port()))).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains("cannot listen");
    awaited(vertx.close());
  }

  @Test
  void theUpstreamTellsWhereItListensAndStaysUp() throws InterruptedException {
    Thread thread = new Thread(() -> upstream("--port", "0", "--delay", "0.5"));
    thread.start();

    await()
        .until(() -> out.toString().matches("(?s)upstream: listening on http://127.0.0.1:[1-9].*"));
    assertThat(thread.isAlive()).isTrue();
    thread.interrupt();
    thread.join(10_000);
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void theDemoFailsWhenItsProxyDoes() {
    DemoCommand command = new DemoCommand(port -> Future.failedFuture("no port"));

    assertThat(new CommandLine(command).execute("--exit")).isEqualTo(1);
  }

  private int upstream(String... arguments) {
    return new CommandLine(new UpstreamCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
