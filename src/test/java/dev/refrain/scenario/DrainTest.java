package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A process that was told to end. */
class DrainTest {
  private final Gate gate = new Gate();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private Proxy proxy;

  @AfterEach
  void stop() throws Exception {
    gate.open();
    proxy.close();
    upstream.close();
  }

  private void start(String drain) {
    proxy = Proxy.before(upstream.url(), "", "", "eventLoops: 2, drain: {" + drain + "}");
  }

  @Test
  void itIsNotReadyAndGoesOnAnsweringWhileEverybodyIsAskedToGoElsewhere() throws Exception {
    start("delay: 3s");
    try (RawClient before = proxy.connect()) {
      RawClient.Answer first = before.post(Examples.asking("x")).answer();
      assertThat(first.head().first("Connection")).isEmpty();
      first.text();
      proxy.drain();

      assertThat(proxy.manage("/health/ready").statusCode()).isEqualTo(503);
      assertThat(proxy.manage("/health").body()).contains("\"status\":\"DRAINING\"");
      assertThat(proxy.manage("/metrics").body()).contains("refrain_ready 0.0");
      RawClient.Answer last = before.post(Examples.asking("x")).answer();
      assertThat(last.status()).isEqualTo(200);
      assertThat(last.head().first("Connection")).contains("close");
      assertThat(Examples.text(last.text())).isEqualTo(Examples.TEXT);
      assertThat(before.closedByPeer()).isTrue();
      try (RawClient late = proxy.connect()) {
        assertThat(Examples.text(late.post(Examples.asking("z")).answer().text()))
            .isEqualTo(Examples.TEXT);
        assertThat(late.closedByPeer()).isTrue();
      }
    }
  }

  @Test
  void whatIsUnderWayEndsAndNobodyElseIsLetIn() throws Exception {
    start("timeout: 20s");
    upstream.play(Examples.inTwoHalves(gate));
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.streaming("x")).answer();
      String begun = answer.until("first");
      proxy.drain();
      await().atMost(Duration.ofSeconds(10)).until(this::isClosed);
      gate.open();
      Events events = Events.of(begun + answer.text());
      assertThat(events.text(0)).isEqualTo("first second");
      assertThat(events.properlyEnded()).isTrue();
    }
  }

  private boolean isClosed() {
    try (RawClient late = proxy.connect()) {
      return late.closedByPeer();
    } catch (IOException refused) {
      return true;
    }
  }

  @Test
  void whatTakesLongerThanItsTimeIsCutAndSeenToBe() throws Exception {
    start("timeout: 100ms");
    upstream.play(Examples.inTwoHalves(gate));
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.streaming("x")).answer();
      String begun = answer.until("first");
      proxy.drain();
      Events events = Events.of(begun + answer.whatCame());
      assertThat(events.properlyEnded()).isFalse();
    }
  }
}
