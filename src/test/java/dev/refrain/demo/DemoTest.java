package dev.refrain.demo;

import static dev.refrain.demo.UpstreamClient.awaited;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.Refrain;
import dev.refrain.config.ConfigLoader;
import dev.refrain.demo.Demo.Proxy;
import dev.refrain.demo.FakeProxy.FalseReport;
import dev.refrain.demo.SimulatedUpstream.Simulation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DemoTest {
  private final Vertx vertx = Vertx.vertx();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @AfterEach
  void stop() {
    awaited(vertx.close());
  }

  @Test
  void aTourInWhichEverythingIsTrueEndsWithZero() {
    assertThat(run(FalseReport.NONE)).as(this::printed).isZero();

    assertThat(rows()).hasSize(17).allMatch(row -> row.endsWith("  ok"));
    assertThat(rows().get(0)).containsPattern("miss, stored +\\d+ +1 +30 +0 ");
    assertThat(rows().get(2)).containsPattern("as a stream +hit \\(memory\\) +\\d+ +0 +0 +30 ");
    assertThat(rows().get(8)).contains("bypass (sampled)");
    assertThat(rows().get(10)).containsPattern("hit \\(memory\\) +\\d+ +0 +0 +126 ");
    assertThat(rows().get(11)).containsPattern("miss \\(2 of 3 kept\\) +\\d+ +1 ");
    assertThat(rows().get(12)).containsPattern("bypass \\(sampled\\) +\\d+ +4 ");
    assertThat(rows().get(13)).containsPattern("422 miss +\\d+ +1 +0 +0 ");
    assertThat(rows().get(16)).containsPattern("miss \\(3 of 4 kept\\) +\\d+ +1 +1 +3 ");
    assertThat(printed())
        .containsPattern("Paid \\d+ tokens in 14 calls; without Refrain \\d+ tokens in 21");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aLyingProxyIsFoundOutAndMarked(FalseReport falseReport) {
    assertThat(run(falseReport)).as(this::printed).isEqualTo(1);

    // the pretended proxy takes nothing apart, so it is wrong about many voices anyway
    assertThat(rows())
        .as(this::printed)
        .anyMatch(row -> row.endsWith("WRONG") && !row.matches("1[1237] .*"));
    assertThat(printed()).contains("    expected ").contains("steps were not as they must be");
  }

  @Test
  void aProxyThatDoesNotStartIsOneLineAndStatusOne() {
    Demo demo = new Demo(port -> Future.failedFuture("no port"));

    assertThat(demo.run(true, out(), false)).isEqualTo(1);
    assertThat(printed()).isEqualToIgnoringNewLines("The demo could not start: no port");
  }

  @Test
  void everyLineFitsIntoAHundredColumnsWithoutControlSequences() {
    run(FalseReport.SAYS_HIT_BUT_CALLS_AGAIN);

    assertThat(rows()).hasSize(17);
    assertThat(printed().lines()).allMatch(line -> line.length() <= Table.COLUMNS);
    assertThat(printed()).matches("[\\n\\x20-\\x7e]*");
    assertThat(Step.tour()).allMatch(step -> step.asked().length() <= 38);
  }

  @Test
  void coloursChangeNothingButTheColour() {
    demo(FalseReport.NONE).run(true, out(), true);

    assertThat(printed()).contains("\u001b[32mhit (memory)");
    assertThat(printed().replaceAll("\u001b\\[[0-9;]*m", "")).containsPattern("(?m)  ok$");
  }

  @Test
  void withoutExitItStaysUpAndInvites() throws InterruptedException {
    Demo demo = demo(FalseReport.NONE);
    Thread thread = new Thread(() -> demo.run(false, out(), false));
    thread.start();

    await().until(() -> printed().contains("curl -i http://127.0.0.1:"));
    assertThat(printed()).containsPattern("live:  http://127\\.0\\.0\\.1:\\d+/\n");
    assertThat(thread.isAlive()).isTrue();
    thread.interrupt();
    thread.join(10_000);
    assertThat(thread.isAlive()).isFalse();
  }

  private int run(FalseReport falseReport) {
    return demo(falseReport).run(true, out(), false);
  }

  private Demo demo(FalseReport falseReport) {
    Proxy.Launcher launcher =
        falseReport == FalseReport.NONE ? DemoTest::launch : FakeProxy.launcher(vertx, falseReport);
    return new Demo(launcher, Simulation.of(Duration.ofMillis(1)));
  }

  /** The proxy itself. */
  private static Future<Proxy> launch(int upstreamPort) {
    String configuration =
        """
        server: {host: 127.0.0.1, port: 0}
        management: {host: 127.0.0.1, port: 0}
        upstreams: [{url: "http://127.0.0.1:%d/v1"}]
        """
            .formatted(upstreamPort);
    return Refrain.start(ConfigLoader.parse(configuration)).map(Running::new);
  }

  private record Running(Refrain refrain) implements Proxy {
    @Override
    public int port() {
      return refrain.port();
    }

    @Override
    public int managementPort() {
      return refrain.managementPort();
    }

    @Override
    public Future<Void> stop() {
      return refrain.stop();
    }
  }

  private PrintStream out() {
    return new PrintStream(printed, true, UTF_8);
  }

  private String printed() {
    return printed.toString(UTF_8);
  }

  private List<String> rows() {
    return printed().lines().filter(line -> line.matches(" ?\\d+  .*")).toList();
  }
}
