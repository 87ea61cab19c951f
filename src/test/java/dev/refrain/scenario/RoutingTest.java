package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several upstreams behind one door: who is asked, by which name, and what there is to ask for. */
class RoutingTest {
  private final ScriptedUpstream a = ScriptedUpstream.playing(request -> play(request, "a"));
  private final ScriptedUpstream b = ScriptedUpstream.playing(request -> play(request, "b"));

  @AfterEach
  void stop() throws Exception {
    a.close();
    b.close();
  }

  @Test
  void aModelGoesToWhoServesItAndOneThatNobodyServesNowhere() {
    try (Proxy proxy = among("models: ['gpt-*']", "models: [llama]")) {
      assertThat(proxy.post(asking("gpt-4")).statusCode()).isEqualTo(200);
      assertThat(a.calls()).isEqualTo(1);
      assertThat(proxy.post(asking("llama")).statusCode()).isEqualTo(200);
      assertThat(b.calls()).isEqualTo(1);
      HttpResponse<String> nowhere = proxy.post(asking("claude"));
      assertThat(nowhere.statusCode()).isEqualTo(404);
      assertThat(Json.read(nowhere.body()).at("/error/code").asText()).isEqualTo("model_not_found");
      assertThat(a.calls() + b.calls()).isEqualTo(2);
    }
  }

  @Test
  void anAliasIsAskedForByItsOwnNameAndNothingElseIsChanged() {
    try (Proxy proxy = among("models: [x], aliases: {gpt-4o: llama}", "models: [y]")) {
      String body = "{ \"prompt\": \"gpt-4o\", \"model\" : \"gpt-4o\", \"temperature\": 1.50 }";
      HttpResponse<String> answer = proxy.post(body);
      assertThat(answer.body()).isEqualTo(Examples.ANSWER);
      assertThat(a.last().text())
          .isEqualTo(body.replace(": \"gpt-4o\", \"temp", ": \"llama\", \"temp"));
    }
  }

  @Test
  void anAliasAndItsModelAreNotTakenForEachOther() {
    try (Proxy proxy = among("models: [gpt-4o, llama]", "models: [x], aliases: {other: llama}")) {
      proxy.post(asking("llama", 0));
      proxy.post(asking("other", 0));
      assertThat(a.calls()).isEqualTo(1);
      assertThat(b.calls()).isEqualTo(1);
    }
  }

  @Test
  void whatOneUpstreamAnsweredTheOtherNeedNot() throws Exception {
    try (Proxy proxy = among("", "")) {
      String kept = proxy.post(Examples.REQUEST).body();
      a.close();
      b.close();
      assertThat(proxy.post(Examples.REQUEST).body()).isEqualTo(kept);
    }
  }

  @Test
  void theReserveIsAskedWhenNobodyElseAnswers() throws Exception {
    try (Proxy proxy = among("priority: 0", "priority: 1")) {
      assertThat(proxy.post(asking("m")).statusCode()).isEqualTo(200);
      assertThat(b.calls()).isZero();
      a.close();
      for (int i = 0; i < 20; i++) {
        assertThat(proxy.post(asking("m")).statusCode()).isEqualTo(200);
      }
      assertThat(b.calls()).isEqualTo(20);
      String metrics = proxy.manage("/metrics").body();
      assertThat(metrics)
          .contains("refrain_upstream_state{state=\"open\",upstream=\"a\"} 1.0")
          .contains("refrain_upstream_state{state=\"closed\",upstream=\"b\"} 1.0")
          .contains("refrain_upstream_tries_total{upstream=\"b\"} 20.0");
    }
  }

  @Test
  void aStreamWhoseFirstEventIsAnErrorIsMadeElsewhere() {
    a.play(Script.events().data("{\"error\":{\"message\":\"no\"}}").done());
    try (Proxy proxy = among("priority: 0", "priority: 1")) {
      HttpResponse<String> answer = proxy.post(Examples.samplingStream("s"));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).contains("[DONE]").doesNotContain("error");
      assertThat(b.calls()).isEqualTo(1);
    }
  }

  @Test
  void onceAFrameWasPassedOnNothingIsAskedAgain() throws Exception {
    a.play(Script.events().data(Examples.chunk("a", null)).cut());
    try (Proxy proxy = among("priority: 0", "priority: 1");
        RawClient client = proxy.connect()) {
      String came = client.post(Examples.samplingStream("s")).answer().whatCame();
      assertThat(came).contains("error").doesNotContain("[DONE]");
      assertThat(b.calls()).isZero();
    }
  }

  @Test
  void theLimitOfAnUpstreamHoldsOverAllEventLoops() throws Exception {
    Gate gate = new Gate();
    a.play(Script.silence().pause(gate).then(Script.json(Examples.ANSWER)));
    try (Proxy proxy = Proxy.before(a.url(), "connections: 1, waiting: 3", "")) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        clients.add(proxy.connect().post(Examples.sampling("l" + i)));
      }
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  proxy
                      .manage("/metrics")
                      .body()
                      .contains("refrain_upstream_waiting{upstream=\"default\"} 3.0"));
      assertThat(a.calls()).isEqualTo(1);
      HttpResponse<String> refused = proxy.post(Examples.sampling("one too many"));
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      gate.open();
      for (RawClient client : clients) {
        assertThat(client.answer().status()).isEqualTo(200);
        client.close();
      }
    }
  }

  @Test
  void theModelsOfAllUpstreamsAreOneList() {
    try (Proxy proxy = among("aliases: {gpt-4o: a-1}", "models: ['b-*']")) {
      HttpResponse<String> answer = get(proxy, "/v1/models", "k");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(ids(answer)).containsExactly("a-1", "shared", "gpt-4o", "b-1");
      JsonNode alias = Json.read(answer.body()).path("data").get(2);
      assertThat(alias.path("owned_by").asText()).as("described like its model").isEqualTo("a");
    }
  }

  @Test
  void theModelsAreAskedForAsTheyCanBeRead() {
    try (Proxy proxy = Proxy.before(a)) {
      get(proxy, "/v1/models", "k");
      assertThat(a.last().head().all("Accept-Encoding")).containsExactly("identity");
    }
  }

  @Test
  void oneModelIsFoundByItsNameWithItsSlashes() {
    a.play(
        request ->
            request.head().target().equals("/v1/models")
                ? Script.json("{\"data\":[{\"id\":\"meta/llama 3\",\"x\":1}]}")
                : Script.answer(404, "{}"));
    try (Proxy proxy = Proxy.before(a.url(), "aliases: {also: a-1}", "")) {
      for (String path : List.of("/v1/models/meta/llama%203", "/v1/models/meta%2Fllama%203")) {
        HttpResponse<String> answer = get(proxy, path, "k");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Json.read(answer.body()).path("x").asInt()).isEqualTo(1);
      }
      HttpResponse<String> missing = get(proxy, "/v1/models/llama", "k");
      assertThat(missing.statusCode()).isEqualTo(404);
      assertThat(Json.read(missing.body()).at("/error/code").asText()).isEqualTo("model_not_found");
    }
  }

  @Test
  void pagesAndOtherFormsOfTheListAreTheUpstreamsOwnWhereThereIsOne() throws Exception {
    String pages = "{\"data\":[{\"id\":\"m\"}],\"has_more\":true}";
    a.play(Script.json(pages));
    try (Proxy proxy = Proxy.before(a)) {
      assertThat(get(proxy, "/v1/models?limit=1&after_id=x", "k").body()).isEqualTo(pages);
      assertThat(a.last().head().start()).startsWith("GET /v1/models?limit=1&after_id=x ");
      HttpResponse<String> form =
          proxy.send(proxy.request("/v1/models", "anthropic-version", "2023-06-01").build());
      assertThat(form.body()).isEqualTo(pages);
      assertThat(a.last().head().first("anthropic-version")).contains("2023-06-01");
      assertThat(get(proxy, "/v1/models", "k").body()).isEqualTo(pages);
    }
  }

  @Test
  void aQueryIsNotLookedAtWhereTheListIsPutTogether() {
    try (Proxy proxy = among("", "")) {
      assertThat(ids(get(proxy, "/v1/models?limit=1", "k")))
          .containsExactly("a-1", "shared", "b-1");
    }
  }

  @Test
  void oneDeadUpstreamDoesNotHideTheModelsOfTheOthers() throws Exception {
    a.close();
    try (Proxy proxy = among("", "")) {
      assertThat(ids(get(proxy, "/v1/models", "k"))).containsExactly("b-1", "shared");
    }
  }

  @Test
  void whereNobodyListsAnyTheRefusalIsPassedOn() {
    a.play(Script.answer(401, "{\"error\":{\"code\":\"invalid_api_key\"}}"));
    try (Proxy proxy = Proxy.before(a)) {
      HttpResponse<String> answer = get(proxy, "/v1/models", "k");
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.body()).contains("invalid_api_key");
    }
  }

  @Test
  void aListIsKeptForWhoeverHasTheSameCredentialAndNobodyElse() throws Exception {
    try (Proxy proxy = Proxy.before(a);
        RawClient oneLoop = proxy.connect()) {
      list(oneLoop, "mine");
      list(oneLoop, "mine");
      assertThat(a.calls()).isEqualTo(1);
      assertThat(a.last().head().first("Authorization")).contains("Bearer mine");
      list(oneLoop, "yours");
      assertThat(a.calls()).isEqualTo(2);
      assertThat(a.last().head().first("Authorization")).contains("Bearer yours");
    }
  }

  @Test
  void aListAskedForWithTheUpstreamsOwnKeyIsKeptForAll() throws Exception {
    try (Proxy proxy = Proxy.before(a.url(), "apiKey: own", "");
        RawClient oneLoop = proxy.connect()) {
      list(oneLoop, "mine");
      list(oneLoop, "yours");
      assertThat(a.calls()).isEqualTo(1);
      assertThat(a.last().head().first("Authorization")).contains("Bearer own");
    }
  }

  private static void list(RawClient client, String key) throws Exception {
    client.send(
        "GET /v1/models HTTP/1.1\r\nHost: proxy\r\nAuthorization: Bearer " + key + "\r\n\r\n");
    assertThat(client.answer().text()).contains("\"a-1\"");
  }

  @Test
  void aProbeNoticesABadUpstreamAndAGoodOneAgain() {
    a.play(
        request ->
            request.head().start().contains("/health")
                ? Script.answer(500, "")
                : play(request, "a"));
    String probe = "probe: {path: /health, interval: 10ms}, breaker: {failures: 2, pause: 1h}";
    try (Proxy proxy = among("priority: 0, " + probe, "priority: 1")) {
      awaitState(proxy, "open");
      proxy.post(asking("m"));
      assertThat(b.calls()).isEqualTo(1);
      a.play(request -> play(request, "a"));
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                proxy.post(asking("m"));
                return state(proxy, "closed");
              });
    }
  }

  private static void awaitState(Proxy proxy, String state) {
    await().atMost(Duration.ofSeconds(20)).until(() -> state(proxy, state));
  }

  private static boolean state(Proxy proxy, String state) {
    return proxy
        .manage("/metrics")
        .body()
        .contains("refrain_upstream_state{state=\"" + state + "\",upstream=\"a\"} 1.0");
  }

  private Proxy among(String ofA, String ofB) {
    return among(ofA, ofB, "");
  }

  private Proxy among(String ofA, String ofB, String others) {
    return Proxy.among(
        List.of(
            "name: a, url: \"" + a.url() + "\"" + (ofA.isEmpty() ? "" : ", " + ofA),
            "name: b, url: \"" + b.url() + "\"" + (ofB.isEmpty() ? "" : ", " + ofB)),
        others);
  }

  private static Script play(Received request, String name) {
    if (!request.head().start().startsWith("GET")) {
      return Examples.answer(request);
    }
    if (request.head().start().contains("/health")) {
      return Script.answer(200, "");
    }
    return Script.json(
        "{\"object\":\"list\",\"data\":[{\"id\":\"%s-1\",\"owned_by\":\"%s\"},{\"id\":\"shared\"}]}"
            .formatted(name, name));
  }

  private static String asking(String model) {
    return asking(model, 1);
  }

  private static String asking(String model, int temperature) {
    return "{\"model\":\"%s\",\"prompt\":\"p\",\"temperature\":%d}".formatted(model, temperature);
  }

  private static HttpResponse<String> get(Proxy proxy, String path, String key) {
    return proxy.send(proxy.request(path, "Authorization", "Bearer " + key).GET().build());
  }

  private static List<String> ids(HttpResponse<String> answer) {
    JsonNode data = Json.read(answer.body()).path("data");
    return StreamSupport.stream(data.spliterator(), false)
        .map(model -> model.path("id").asText())
        .toList();
  }
}
