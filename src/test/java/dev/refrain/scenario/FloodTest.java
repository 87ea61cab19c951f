package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawHttp2;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who floods a connection of HTTP/2 loses it, and nobody else notices. */
class FloodTest {
  private static final String PATH = "/v1/completions";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void whoTakesBackWhatItAsksAgainAndAgainLosesItsConnection() throws Exception {
    try (RawHttp2 flood = new RawHttp2(proxy.port())) {
      takeBack(flood, 1, 300);

      assertThat(flood.farewell()).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
    }
    othersAreAnswered();
  }

  @Test
  void whoTakesBackNowAndThenKeepsIt() throws Exception {
    try (RawHttp2 calm = new RawHttp2(proxy.port());
        RawHttp2 flood = new RawHttp2(proxy.port())) {
      takeBack(calm, 1, 150);
      takeBack(flood, 1, 300);

      assertThat(flood.farewell()).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
      assertThat(calm.isAlive()).isTrue();
    }
  }

  @Test
  void aHeadInManySmallPiecesEndsTheConnection() throws Exception {
    try (RawHttp2 flood = new RawHttp2(proxy.port())) {
      flood.beginInPieces(1, PATH, 40, 0);

      assertThat(flood.farewell()).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
    }
    othersAreAnswered();
  }

  /** The codec itself says so, before there is a request that could be answered with a body. */
  @Test
  void aHeadThatIsTooLargeIsRefusedWithoutABodyAndTheConnectionGoesOn() throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    assertThat(ask(client, "a").statusCode()).isEqualTo(200);
    HttpResponse<String> refused = ask(client, "a".repeat(40 << 10));

    assertThat(refused.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(refused.statusCode()).isEqualTo(431);
    assertThat(refused.body()).isEmpty();
    assertThat(ask(client, "a").statusCode()).isEqualTo(200);
  }

  private static void takeBack(RawHttp2 connection, int first, int times) throws IOException {
    try {
      for (int i = 0; i < times; i++) {
        connection.begin(first + 2 * i, PATH);
        connection.cancel(first + 2 * i);
      }
    } catch (IOException closed) {
      // which is what is asked for
    }
  }

  private HttpResponse<String> ask(HttpClient client, String header) throws Exception {
    return client.send(
        proxy
            .request(PATH, "X-Header", header)
            .POST(BodyPublishers.ofString(Examples.asking("flood")))
            .build(),
        BodyHandlers.ofString());
  }

  private void othersAreAnswered() {
    assertThat(proxy.post(Examples.asking("others")).statusCode()).isEqualTo(200);
  }
}
