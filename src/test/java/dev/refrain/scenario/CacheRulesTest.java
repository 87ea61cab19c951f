package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Chats;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.Vectors;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The operator's rules, over real sockets: on each endpoint, plain and streamed. */
class CacheRulesTest {
  private static final String COMPLETIONS = "/v1/completions";
  private static final String RULES =
      """
      cache:
        rules:
          - {name: bench, when: {header: {User-Agent: "*bench*"}}, cache: off}
          - {name: frontier, when: {model: ["gpt-5*"], temperature: absent}, cache: on}
          - {name: cool, when: {temperature: {atMost: 0.01}}, cache: on}
          - {name: seeded, when: {seed: present}, cache: on}
          - {name: plain, when: {model: [plain]}}
      """;

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(CacheRulesTest::answer);
  private Proxy proxy = Proxy.before(upstream.url(), "", RULES);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  private static Script answer(Received request) {
    if (request.json().has("input")) {
      return Vectors.answer(request);
    }
    return request.json().has("messages") ? Chats.answer(request) : Examples.answer(request);
  }

  static Stream<Arguments> each() {
    return Stream.of(COMPLETIONS, Chats.PATH)
        .flatMap(path -> Stream.of(false, true).map(stream -> Arguments.of(path, stream)));
  }

  private HttpResponse<String> ask(String path, boolean stream, String members, String... headers) {
    String input =
        path.equals(COMPLETIONS)
            ? "\"prompt\":\"p\""
            : "\"messages\":[{\"role\":\"user\",\"content\":\"p\"}]";
    String body = "{%s,\"stream\":%s,%s}".formatted(input, stream, members);
    HttpResponse<String> response = proxy.postTo(path, body, headers);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response;
  }

  private static String status(HttpResponse<String> response) {
    return response.headers().firstValue("Cache-Status").orElse("");
  }

  private void isShared(String path, boolean stream, String rule, String members) {
    int before = upstream.calls();
    assertThat(status(ask(path, stream, members)))
        .startsWith("refrain; fwd=uri-miss")
        .endsWith("; rule=" + rule);
    assertThat(status(ask(path, stream, members)))
        .startsWith("refrain; hit; ttl=")
        .endsWith("; detail=memory; rule=" + rule);
    assertThat(upstream.calls()).isEqualTo(before + 1);
  }

  @ParameterizedTest
  @MethodSource("each")
  void aRuleThatSaysOnSharesAtAnyTemperature(String path, boolean stream) {
    isShared(path, stream, "frontier", "\"model\":\"gpt-5-mini\"");
    isShared(path, stream, "cool", "\"model\":\"m\",\"temperature\":0.01");
    isShared(path, stream, "cool", "\"model\":\"gpt-5\",\"temperature\":0");
    isShared(path, stream, "seeded", "\"model\":\"m\",\"temperature\":1,\"seed\":3");
  }

  @ParameterizedTest
  @MethodSource("each")
  void aRuleThatSaysOffBypassesTheCacheWhateverTheRequestSays(String path, boolean stream) {
    String members = "\"model\":\"m\",\"temperature\":0";
    ask(path, stream, members);
    for (String force : List.of("", "force")) {
      String[] headers =
          force.isEmpty()
              ? new String[] {"User-Agent", "a bench"}
              : new String[] {"User-Agent", "a bench", "X-Refrain-Cache", force};
      assertThat(status(ask(path, stream, members, headers)))
          .isEqualTo("refrain; fwd=bypass; detail=disabled; rule=bench");
    }
    assertThat(upstream.calls()).isEqualTo(3);
  }

  @ParameterizedTest
  @MethodSource("each")
  void whatNoRuleMatchesIsJudgedAsByDefault(String path, boolean stream) {
    String sampled = "\"model\":\"m\",\"temperature\":1";
    assertThat(status(ask(path, stream, sampled))).isEqualTo("refrain; fwd=bypass; detail=sampled");
    assertThat(status(ask(path, stream, "\"model\":\"m\"")))
        .isEqualTo("refrain; fwd=bypass; detail=sampled");
    assertThat(status(ask(path, stream, "\"model\":\"plain\"")))
        .isEqualTo("refrain; fwd=bypass; detail=sampled; rule=plain");
    ask(path, stream, sampled, "X-Refrain-Cache", "force");
    assertThat(status(ask(path, stream, sampled, "X-Refrain-Cache", "force")))
        .startsWith("refrain; hit");
  }

  @Test
  void embeddingsMeetTheSameRulesAndAreDeterministicWithoutOne() {
    String path = "/v1/embeddings";
    for (String input : List.of("\"a\"", "[\"b\",\"c\"]")) {
      String body = "{\"model\":\"m\",\"input\":%s}".formatted(input);
      assertThat(status(proxy.postTo(path, body))).isEqualTo("refrain; fwd=uri-miss; stored");
      assertThat(status(proxy.postTo(path, body, "User-Agent", "a bench")))
          .isEqualTo("refrain; fwd=bypass; detail=disabled; rule=bench");
      String frontier = body.replace("\"m\"", "\"gpt-5-embed\"");
      proxy.postTo(path, frontier);
      assertThat(status(proxy.postTo(path, frontier)))
          .startsWith("refrain; hit")
          .endsWith("; rule=frontier");
    }
  }

  @Test
  void severalChoicesOfASharedSampleAreDrawnEach() {
    String three = "\"model\":\"gpt-5\",\"n\":3";
    ask(COMPLETIONS, false, three);
    assertThat(upstream.calls()).isEqualTo(3);
    assertThat(status(ask(COMPLETIONS, false, three)))
        .startsWith("refrain; hit")
        .endsWith("rule=frontier");
    assertThat(upstream.calls()).isEqualTo(3);
  }

  @Test
  void requestsAndLookupsAreCountedByRule() {
    isShared(COMPLETIONS, false, "frontier", "\"model\":\"gpt-5\"");
    ask(COMPLETIONS, false, "\"model\":\"m\",\"temperature\":1");

    assertThat(proxy.manage("/metrics").body())
        .contains(
            "refrain_requests_total{endpoint=\"completions\",framing=\"whole\",rule=\"frontier\",source=\"memory\",status=\"2xx\"}"
                + " 1.0",
            "refrain_requests_total{endpoint=\"completions\",framing=\"whole\",rule=\"default\",source=\"upstream\",status=\"2xx\"}"
                + " 1.0",
            "refrain_cache_lookups_total{endpoint=\"completions\",outcome=\"hit\",rule=\"frontier\",tier=\"memory\"}"
                + " 1.0");
  }

  @Test
  void aHeaderWithoutMeaningIsRefusedAndNamed() {
    for (String name : List.of("X-Refrain-Colour", "X-Refrain-Cache")) {
      HttpResponse<String> refused = proxy.post(Examples.asking("x"), name, "red");
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body()).contains("\"param\":\"" + name + "\"");
    }
    assertThat(upstream.calls()).isZero();
  }

  @Test
  void noDirectiveToRefrainReachesAnUpstream() {
    proxy.post(Examples.sampling("f"), "X-Refrain-Cache", "force");
    assertThat(upstream.last().head().has("X-Refrain-Cache")).isFalse();
    proxy.postTo("/v1/moderations", "{}", "X-Refrain-Cache", "force", "X-Refrain-Colour", "red");
    assertThat(upstream.last().head().has("X-Refrain-Cache")).isFalse();
    assertThat(upstream.last().head().has("X-Refrain-Colour")).isFalse();
  }

  @Test
  void rulesAreReloadedWithoutARestart(@TempDir Path folder) throws IOException {
    proxy.close();
    Path file = folder.resolve("refrain.yaml");
    String upstreams = "upstreams: [{url: \"%s\"}]\n".formatted(upstream.url());
    Files.writeString(file, Proxy.yaml(upstreams));
    proxy = Proxy.reading(file);
    String members = "\"model\":\"gpt-5\"";
    assertThat(status(ask(COMPLETIONS, false, members))).contains("detail=sampled");

    Files.writeString(file, Proxy.yaml(upstreams + RULES));
    assertThat(proxy.order("/config/reload").body()).contains("cache.rules");

    isShared(COMPLETIONS, false, "frontier", members);
  }
}
