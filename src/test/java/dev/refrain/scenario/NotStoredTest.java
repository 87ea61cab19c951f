package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no whole 200, or may not be stored by the upstream's word, is asked for anew. */
@Timeout(60)
class NotStoredTest {
  private final RedisFixture redis = new RedisFixture();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);

  @AfterEach
  void stop() throws Exception {
    upstream.close();
    redis.close();
  }

  private Proxy proxy(String noStore) {
    return Proxy.before(
        upstream.url(),
        "",
        "cache: {noStore: %s, redis: {url: '%s', timeout: 3s, connectTimeout: 3s}}"
            .formatted(noStore, redis.url()));
  }

  @ParameterizedTest
  @ValueSource(ints = {202, 203, 206, 207, 226})
  void aSuccessThatIsNo200IsNotStored(int status) {
    upstream.play(Script.answer(status, Examples.ANSWER, "Content-Type: application/json"));
    try (Proxy proxy = proxy("ignore")) {
      for (int i = 1; i <= 2; i++) {
        assertThat(proxy.post(Examples.asking("x")).statusCode()).isEqualTo(status);
        assertThat(upstream.calls()).isEqualTo(i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Cache-Control: no-store",
        "cache-control: private, max-age=0, No-Store, no-cache",
        "Cache-Control: \"no-store\"",
        "Cache-Control: no-store=1",
        "Cache-Control: private;NO-STORE",
        "Cache-Control: max-age=60\r\nCache-Control: no-store=\"x\"",
        "Vary: *",
        "Vary: Accept, *"
      })
  void whatTheUpstreamForbidsToStoreIsNotStored(String line) {
    List<String> bodies = List.of(Examples.asking("x"), Examples.streaming("x"));
    upstream.play(
        request ->
            request.wantsStream()
                ? Script.events(line)
                    .data(Examples.chunk("a", "stop"))
                    .data(Examples.usage())
                    .done()
                : Script.answer(200, Examples.ANSWER, "Content-Type: application/json", line));
    try (Proxy one = proxy("honour");
        Proxy other = proxy("honour")) {
      for (String body : bodies) {
        int before = upstream.calls();
        one.post(body);
        one.post(body);
        other.post(body);
        assertThat(upstream.calls()).as(body).isEqualTo(before + 3);
      }
      assertThat(one.manage("/metrics").body())
          .containsPattern("refrain_not_stored_total\\{[^}]*reason=\"no_store\"[^}]*\\} 4");
    }
    try (Proxy ignoring = proxy("ignore")) {
      int before = upstream.calls();
      bodies.forEach(ignoring::post);
      bodies.forEach(ignoring::post);
      assertThat(upstream.calls()).isEqualTo(before + 1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Cache-Control: private",
        "Cache-Control: x-no-store, no-storage, no-store-x",
        "Cache-Control: no-cache",
        "Cache-Control: max-age=0",
        "Vary: Origin, Accept-Encoding",
        "Pragma: no-cache"
      })
  void otherDirectivesOfUpstreamsDoNotCount(String line) {
    upstream.play(Script.answer(200, Examples.ANSWER, "Content-Type: application/json", line));
    try (Proxy proxy = proxy("honour")) {
      proxy.post(Examples.asking("x"));
      proxy.post(Examples.asking("x"));
      assertThat(upstream.calls()).isEqualTo(1);
    }
  }
}
