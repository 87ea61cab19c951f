package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Events;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever leaves takes the upstream call along, in whatever phase it is. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EMBEDDINGS")
class LeavingClientTest {
  private final Dialect dialect;
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  LeavingClientTest(Dialect dialect) {
    this.dialect = dialect;
  }

  /** How far a call has come when its client leaves. */
  private enum Phase {
    WAITING(false),
    HALF_AN_ANSWER(false),
    WAITING_FOR_A_STREAM(true),
    WAITING_FOR_THE_FIRST_EVENT(true),
    IN_THE_STREAM(true);

    private final boolean stream;

    Phase(boolean stream) {
      this.stream = stream;
    }

    Script script(Dialect dialect) {
      return switch (this) {
        case WAITING, WAITING_FOR_A_STREAM -> Script.silence();
        case HALF_AN_ANSWER ->
            Script.silence()
                .head(200, List.of("Content-Type: application/json", "Content-Length: 500"))
                .raw("{\"id\":");
        case WAITING_FOR_THE_FIRST_EVENT -> Script.events();
        case IN_THE_STREAM -> begun(dialect);
      };
    }

    String request(Dialect dialect, boolean shared) {
      if (stream) {
        return shared ? dialect.streaming("l") : dialect.samplingStream("l");
      }
      return shared ? dialect.asking("l") : dialect.sampling("l");
    }
  }

  private static Script begun(Dialect dialect) {
    return Script.events().data(dialect.chunk("a", null));
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void whoClosesEndsTheCall(Phase phase) throws Exception {
    for (boolean shared : new boolean[] {true, false}) {
      RawClient client = inPhase(phase, phase.request(dialect, shared));

      client.close();

      theCallEndsWithinASecond();
    }
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void whoIsKilledEndsTheCall(Phase phase) throws Exception {
    for (boolean shared : new boolean[] {true, false}) {
      RawClient client = inPhase(phase, phase.request(dialect, shared));

      client.abort();

      theCallEndsWithinASecond();
    }
  }

  private RawClient inPhase(Phase phase, String request) throws Exception {
    Gate reached = new Gate();
    upstream.play(phase.script(dialect).pause(reached));
    RawClient client = proxy.connect().postTo(dialect.path(), request);
    reached.awaitReached();
    if (phase == Phase.IN_THE_STREAM) {
      client.answer().until("\n\n");
    }
    assertThat(upstream.openConnections()).isEqualTo(1);
    return client;
  }

  private void theCallEndsWithinASecond() {
    await()
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(upstream.openConnections()).isZero());
  }

  @Test
  void whatWasLeftIsNotKeptAndDoesNotDisturbTheNext() throws Exception {
    inPhase(Phase.IN_THE_STREAM, dialect.streaming("left")).close();
    theCallEndsWithinASecond();
    upstream.play(dialect::answer);

    Events events = Events.of(proxy.postTo(dialect.path(), dialect.streaming("left")).body());

    assertThat(events.text(0)).isEqualTo(Dialect.TEXT);
    assertThat(events.properlyEnded()).isTrue();
  }

  @Test
  void whoLeavesOneOfManyEndsOnlyTheirOwnCall() throws Exception {
    Gate gate = new Gate();
    upstream.play(begun(dialect).pause(gate).data(dialect.chunk("b", "stop")).done());
    RawClient stays = proxy.connect().postTo(dialect.path(), dialect.samplingStream("stays"));
    RawClient.Answer answer = stays.answer();
    RawClient leaves = proxy.connect().postTo(dialect.path(), dialect.samplingStream("leaves"));
    leaves.answer().until("\n\n");

    leaves.close();
    await().atMost(Duration.ofSeconds(10)).until(() -> upstream.openConnections() == 1);
    gate.open();

    assertThat(Events.of(answer.text()).text(0)).isEqualTo("ab");
    stays.close();
  }

  @Test
  void aCancelledStreamOfHttp2EndsTheCall() throws Exception {
    Gate reached = new Gate();
    upstream.play(dialect::answer);
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    HttpRequest.Builder request = proxy.request(dialect.path());
    HttpRequest upgrade =
        request.POST(HttpRequest.BodyPublishers.ofString(dialect.asking("upgrade"))).build();
    client.send(upgrade, HttpResponse.BodyHandlers.discarding());
    upstream.play(begun(dialect).pause(reached));
    int calls = upstream.calls();

    CompletableFuture<HttpResponse<String>> pending =
        client.sendAsync(
            request.POST(HttpRequest.BodyPublishers.ofString(dialect.samplingStream("h2"))).build(),
            HttpResponse.BodyHandlers.ofString());
    upstream.awaitCalls(calls + 1);
    reached.awaitReached();
    pending.cancel(true);

    theCallEndsWithinASecond();
  }
}
