package dev.refrain.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.MarkedCall;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * An upstream that sends interim responses, bytes beyond its answer, halves of answers, second
 * answers and nothing gives no caller a byte of another's answer, and the next callers get theirs.
 */
class UpstreamFuzzTest {
  private static final Pattern MARKER = Pattern.compile("mark-[a-z0-9]+");

  private static final int SHOTS_OF_ONE_PROXY = 5;
  private static final Duration MILLI = Duration.ofMillis(1);
  private static final List<MarkedCall> ALL = List.of(MarkedCall.values());
  private static final List<MarkedCall> SINGLE =
      ALL.stream().filter(kind -> !kind.name().startsWith("SEVERAL")).toList();

  private final Budget budget = Budget.of(150);
  private final Random random = new Random(budget.seed());
  private final UpstreamShots shots = new UpstreamShots(random);
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final List<HttpClient> clients =
      List.of(
          HttpClient.newBuilder().version(Version.HTTP_1_1).build(),
          HttpClient.newBuilder().version(Version.HTTP_2).build());

  private Proxy proxy;
  private int calls;

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void noCallerGetsAByteThatIsNotHis() throws Exception {
    for (int done = 0; budget.allows(done); done++) {
      if (done % SHOTS_OF_ONE_PROXY == 0) {
        renew();
      }
      UpstreamShots.Shot shot = shots.next();
      String what = "seed " + budget.seed() + ", shot " + done + ": " + shot;
      upstream.play(
          request ->
              MarkedCall.marker(request).startsWith("mark-shot")
                  ? shot.script(request)
                  : Script.silence().raw(MarkedCall.answer(request)));
      // What comes apart from its answer cannot be told from the answer to a request that left
      // meanwhile: there is then one call, and nobody beside it.
      boolean alone = !shot.isInOneWrite();
      List<Call> shooting = begin("mark-shot", alone ? 1 : 2, alone ? SINGLE : ALL);
      List<Call> beside = begin("mark-beside", alone ? 0 : 2, ALL);
      for (Call call : shooting) {
        call.isHisOrNone(what);
      }
      for (Call call : beside) {
        if (shot.leavesConnections()) {
          call.isHis(what);
        } else {
          call.isHisOrNone(what); // its connection may have been closed under it
        }
      }
      await().pollDelay(Duration.ZERO).pollInterval(MILLI).until(() -> upstream.playing() == 0);
      for (Call call : begin("mark-next", 2, ALL)) {
        call.isHis(what);
      }
    }
  }

  // Once it has seen an excess it gives every call a connection of its own.
  private void renew() {
    if (proxy != null) {
      proxy.close();
    }
    proxy =
        Proxy.before(
            upstream.url(),
            "connections: 2, firstByteTimeout: 10s",
            "retry: {initialBackoff: 1ms, maxBackoff: 1ms}",
            "eventLoops: 1");
  }

  private List<Call> begin(String prefix, int count, List<MarkedCall> kinds) {
    List<Call> begun = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      MarkedCall kind = kinds.get(random.nextInt(kinds.size()));
      HttpClient client = clients.get(random.nextInt(clients.size()));
      String marker = prefix + calls++ + "z"; // so that none begins with another
      begun.add(
          new Call(
              kind + " over " + client.version(),
              marker,
              client.sendAsync(kind.request(proxy.url(), marker), BodyHandlers.ofString())));
    }
    return begun;
  }

  private record Call(String kind, String marker, CompletableFuture<HttpResponse<String>> answer) {
    void isHis(String what) throws Exception {
      HttpResponse<String> came = answer.get(20, TimeUnit.SECONDS);
      String said = what + ", " + kind + ", " + marker + ": " + came.body();
      assertThat(came.statusCode()).as(said).isEqualTo(200);
      assertThat(came.body()).as(said).contains(marker);
      holdsNoOther(came, said);
    }

    void isHisOrNone(String what) throws Exception {
      HttpResponse<String> came;
      try {
        came = answer.orTimeout(30, TimeUnit.SECONDS).join();
      } catch (CompletionException brokenOff) {
        assertThat(brokenOff.getCause()).as(what + ", " + kind).isInstanceOf(IOException.class);
        return;
      }
      holdsNoOther(came, what + ", " + kind + ", " + marker + ": " + came.body());
    }

    private void holdsNoOther(HttpResponse<String> came, String said) {
      String all = came.headers().map() + came.body();
      assertThat(MARKER.matcher(all).results().map(MatchResult::group))
          .as(said)
          .allMatch(marker::startsWith); // an answer may break off within it
    }
  }
}
