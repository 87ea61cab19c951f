package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Whoever leaves before there is a connection leaves its place in the pool when it may. */
class LeavingTheQueueTest {
  /** Else the pool would have one more that waits for each that leaves, until it takes no more. */
  @Test
  void whoLeavesWhileAConnectionIsMadeKeepsItsPlaceUntilThatIsOver() throws Exception {
    try (RawServer mute = new RawServer();
        Proxy before =
            Proxy.before(
                mute.url().replace("http:", "https:"),
                "connections: 1, waiting: 1, connectTimeout: 3s",
                "retry: {maxRetries: 0}")) {
      awaitGauge(before, "refrain_upstream_waiting", 0); // asked for once, it is soon told
      RawClient first = before.connect().post(Examples.sampling("l"));
      try (RawServer.Peer handshake = mute.accept()) {
        first.close();
        RawClient second = before.connect().post(Examples.sampling("l"));
        awaitGauge(before, "refrain_upstream_waiting", 1);
        second.close();
        awaitGauge(before, "refrain_upstream_waiting", 0);
        awaitGauge(before, "refrain_upstream_active", 0);
        assertThat(handshake.closedByPeer()).as("when its time is over").isTrue();
      }
    }
  }

  private static void awaitGauge(Proxy proxy, String name, int value) {
    await()
        .atMost(Duration.ofSeconds(15))
        .until(
            () ->
                proxy
                    .manage("/metrics")
                    .body()
                    .contains("\n" + name + "{upstream=\"default\"} " + value + ".0"));
  }
}
