package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Chats;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator sets holds for chats, too: keys, limits, aliases, purges, stale answers. */
class ChatOperationsTest {
  private static final String SPENDS = "secret-of-who-spends";
  private static final String FEW = "secret-of-few-models";
  private static final String KEYS =
      """
      keys:
        - {name: spends, secret: %s, tokensPerMinute: 1}
        - {name: few, secret: %s, models: [other]}
      """
          .formatted(SPENDS, FEW);

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Chats::answer);

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aKeyPaysForWhatTheUpstreamWasPaidAndNotForAHit(boolean stream) {
    try (Proxy proxy = Proxy.before(upstream.url(), "", KEYS)) {
      String asked = stream ? Chats.streaming("x") : Chats.asking("x");
      assertThat(post(proxy, asked, SPENDS).statusCode()).isEqualTo(200);

      assertThat(post(proxy, asked, SPENDS).statusCode()).isEqualTo(200);
      HttpResponse<String> refused = post(proxy, Chats.asking("y"), SPENDS);

      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(Json.read(refused.body()).at("/error/type").asText()).isEqualTo("tokens");
      assertThat(upstream.calls()).isEqualTo(1);
      assertThat(proxy.manage("/metrics").body())
          .contains("refrain_key_tokens_total{key=\"spends\"} 12.0");
    }
  }

  @Test
  void aKeyOfSomeModelsChatsWithThemAlone() {
    try (Proxy proxy = Proxy.before(upstream.url(), "", KEYS)) {
      String other = Chats.asking("x").replace("\"m\"", "\"other\"");

      assertThat(post(proxy, other, FEW).statusCode()).isEqualTo(200);
      assertThat(post(proxy, Chats.asking("x"), FEW).statusCode()).isEqualTo(404);
      String unnamed = Chats.asking("x").replace("\"model\":\"m\",", "");
      assertThat(post(proxy, unnamed, FEW).statusCode()).isEqualTo(404);
      assertThat(upstream.calls()).isEqualTo(1);
    }
  }

  @Test
  void anAliasIsSentUpstreamByItsNameThere() {
    try (Proxy proxy = Proxy.before(upstream.url(), "aliases: {m: 'real/m'}", "")) {
      proxy.postTo(Chats.PATH, Chats.asking("x"));

      assertThat(upstream.last().json().path("model").asText()).isEqualTo("real/m");
    }
  }

  @Test
  void anImageInTheBodyIsSentOnAsItIs() {
    String image = "data:image/png;base64," + "iVBORw0KGgo".repeat(1 << 20);
    String asked =
        Chats.asking("x")
            .replace(
                "\"x\"", "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"" + image + "\"}}]");
    try (Proxy proxy = Proxy.before(upstream)) {
      assertThat(proxy.postTo(Chats.PATH, asked).statusCode()).isEqualTo(200);
      assertThat(outcome(proxy.postTo(Chats.PATH, asked))).contains("hit");
      assertThat(upstream.last().text()).isEqualTo(asked);
      assertThat(upstream.calls()).isEqualTo(1);
    }
  }

  private static HttpResponse<String> post(Proxy proxy, String body, String secret) {
    return proxy.postTo(Chats.PATH, body, "api-key", secret);
  }

  private static String outcome(HttpResponse<String> answer) {
    return answer.headers().firstValue("Cache-Status").orElseThrow();
  }
}
