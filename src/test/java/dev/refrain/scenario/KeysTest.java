package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.NotFoundException;
import com.openai.errors.PermissionDeniedException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask, and with whom they share, where there are keys. */
@Timeout(60)
class KeysTest {
  private static final String ONE = "secret-of-shop-one";
  private static final String TWO = "secret-of-shop-two";
  private static final String OTHER = "secret-of-another";
  private static final String FEW = "secret-of-few-models";
  private static final String KEYS =
      """
      keys:
        - {name: shop-one, secret: %s, tenant: shop}
        - {name: shop-two, secret: %s, tenant: shop}
        - {name: another, secret: %s}
        - {name: few, secret: %s, models: ["m", "ft:*"]}
      """
          .formatted(ONE, TWO, OTHER, FEW);

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(KeysTest::answer);
  @TempDir private Path folder;
  private Path file;
  private Proxy proxy;

  private static Script answer(Received request) {
    return request.head().target().equals("/v1/completions")
        ? Examples.answer(request)
        : OpenAiStub.answer(request);
  }

  @BeforeEach
  void start() throws IOException {
    file = folder.resolve("refrain.yaml");
    write("", KEYS);
    proxy = Proxy.reading(file);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  private void write(String ofUpstream, String others) throws IOException {
    String settings = "upstreams: [{url: \"%s\"%s}]\n%s";
    Files.writeString(file, Proxy.yaml(settings.formatted(upstream.url(), ofUpstream, others)));
  }

  private JsonObject reload() {
    HttpResponse<String> done = proxy.order("/config/reload");
    assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
    return new JsonObject(done.body());
  }

  private HttpResponse<String> ask(String prompt, String secret) {
    return proxy.post(Examples.asking(prompt), "Authorization", "Bearer " + secret);
  }

  private String metric(String sample) {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(sample + " "))
        .map(line -> line.substring(sample.length() + 1))
        .findFirst()
        .orElse("none");
  }

  // --- Strangers -------------------------------------------------------------

  static Stream<String> strangers() {
    String unknown = "Authorization: Bearer nobodys-secret-at-all\r\n";
    String known = "Authorization: Bearer " + ONE + "\r\n";
    return Stream.of(
        post("/v1/completions", ""),
        post("/v1/completions", unknown),
        post("/v1/completions", "Authorization: " + ONE + "\r\n"),
        post("/v1/completions", "Authorization: Basic " + ONE + "\r\n"),
        post("/v1/completions", "Authorization: Bearer\r\n"),
        post("/v1/completions", known + known),
        post("/v1/completions", known + "api-key: " + ONE + "\r\n"),
        post("/v1/completions?x=y", unknown),
        post("/v1/chat/completions", unknown),
        get("GET /v1/models", unknown),
        get("GET /v1/models/m", ""),
        get("DELETE /v1/completions", unknown),
        get("GET /v1/files", unknown),
        get("GET //v1/models", ""),
        get("GET /", ""),
        get("OPTIONS /v1/completions", "Origin: https://a.example\r\n"),
        get("OPTIONS *", ""),
        get(
            "GET /v1/realtime",
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: a2V5\r\n"));
  }

  private static String post(String path, String lines) {
    String body = Examples.asking("x");
    return "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"
        .formatted(path, lines, body.length(), body);
  }

  private static String get(String line, String lines) {
    return line + " HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void whoPresentsNoKeyIsToldHowToAndReachesNobody(String request) throws Exception {
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.send(request).answer();

      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.head().all("WWW-Authenticate")).containsExactly("Bearer");
      JsonObject error = new JsonObject(answer.text()).getJsonObject("error");
      assertThat(error.getString("type")).isEqualTo("invalid_request_error");
      assertThat(error.getString("code")).isEqualTo("invalid_api_key");
      assertThat(error.getString("message")).contains("Authorization: Bearer").doesNotContain(ONE);
    }
    assertThat(upstream.calls()).isZero();
  }

  @Test
  void theBodyOfAStrangerIsNotWaitedFor() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send("POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{");

      assertThat(client.answer().status()).isEqualTo(401);
      assertThat(client.closedByPeer()).as("what would come is no request").isTrue();
    }
  }

  @Test
  void strangersAreCountedByWhatTheyLackAndHaveNoSeriesOfTheirOwn() {
    proxy.post(Examples.asking("x"));
    ask("x", "nobodys-secret-at-all");
    ask("x", "another-secret-of-nobody");
    proxy.post(Examples.asking("x"), "api-key", ONE, "x-api-key", ONE);

    assertThat(metric("refrain_unauthorized_total{reason=\"missing\"}")).isEqualTo("1.0");
    assertThat(metric("refrain_unauthorized_total{reason=\"unknown\"}")).isEqualTo("2.0");
    assertThat(metric("refrain_unauthorized_total{reason=\"several\"}")).isEqualTo("1.0");
    assertThat(metric("refrain_key_requests_total{key=\"shop-one\"}")).isEqualTo("0.0");
    assertThat(proxy.manage("/metrics").body()).doesNotContain("secret");
  }

  @Test
  void overHttp2ItIsTheSame() throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    List<Integer> statuses = new ArrayList<>();
    for (String secret : List.of(ONE, "nobodys-secret-at-all", ONE)) {
      HttpResponse<String> answer =
          client.send(
              proxy
                  .request("/v1/completions", "Authorization", "Bearer " + secret)
                  .POST(BodyPublishers.ofString(Examples.asking("x")))
                  .build(),
              BodyHandlers.ofString());
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      statuses.add(answer.statusCode());
    }
    assertThat(statuses).containsExactly(200, 401, 200);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void whoHasFoundTheDoorOpenBeforeFindsItShutOnTheSameConnection() throws Exception {
    write("", "");
    reload();
    try (RawClient client = proxy.connect()) {
      assertThat(client.post(Examples.asking("x")).answer().text()).contains("choices");
      write("", KEYS);
      assertThat(reload().getJsonArray("changed")).containsExactly("keys");

      assertThat(client.post(Examples.asking("x")).answer().status()).isEqualTo(401);
    }
    assertThat(upstream.calls()).isEqualTo(1);
  }

  // --- What becomes of the key ----------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {"Authorization: Bearer ", "authorization: bearer ", "api-key: ", "X-API-Key: "})
  void theKeyGoesNoFurtherThanTheDoor(String header) throws Exception {
    try (RawClient client = proxy.connect()) {
      assertThat(client.post(Examples.asking("x"), header + ONE).answer().text())
          .contains("choices");
      client.send(get("GET /v1/files", header + ONE + "\r\n"));
      assertThat(client.answer().text()).contains("file-1");
      client.send(get("GET /v1/models", header + ONE + "\r\n"));
      assertThat(client.answer().text()).contains(OpenAiStub.MODEL);
    }
    assertThat(upstream.received())
        .hasSize(3)
        .allSatisfy(
            request ->
                assertThat(request.head().toString().toLowerCase(Locale.ROOT))
                    .doesNotContain(ONE, "authorization", "api-key"));
  }

  @Test
  void theUpstreamGetsTheKeyOfTheOperatorIfThereIsOne() throws Exception {
    write(", apiKey: operators", KEYS);
    reload();

    ask("x", ONE);
    proxy.send(proxy.request("/v1/files", "api-key", ONE).GET().build());
    proxy.send(proxy.request("/v1/models", "x-api-key", ONE).GET().build());

    assertThat(upstream.received())
        .hasSize(3)
        .allSatisfy(
            request -> {
              assertThat(request.head().all("Authorization")).containsExactly("Bearer operators");
              assertThat(request.head().has("api-key")).isFalse();
              assertThat(request.head().has("x-api-key")).isFalse();
            });
  }

  // --- Tenants ---------------------------------------------------------------

  @Test
  void keysOfOneTenantShareWhatIsKeptAndTwoTenantsNever() {
    ask("x", ONE);
    HttpResponse<String> same = ask("x", TWO);
    assertThat(upstream.calls()).isEqualTo(1);
    HttpResponse<String> apart = ask("x", OTHER);

    assertThat(cacheStatus(same)).contains("hit; ");
    assertThat(cacheStatus(apart)).contains("fwd=uri-miss");
    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(cacheStatus(ask("x", OTHER))).contains("hit; ");
  }

  @Test
  void partsOfDividedRequestsAreKeptApartToo() {
    String both = Examples.asking("a").replace("\"a\"", "[\"a\",\"b\"]");
    proxy.post(both, "api-key", ONE);
    assertThat(upstream.calls()).isEqualTo(2);
    proxy.post(both, "api-key", TWO);
    assertThat(upstream.calls()).isEqualTo(2);
    ask("b", OTHER);
    assertThat(upstream.calls()).isEqualTo(3);
  }

  @Test
  void anAccountDividesATenantAsItDividesACredential() {
    proxy.post(Examples.asking("x"), "api-key", ONE, "OpenAI-Project", "p");
    proxy.post(Examples.asking("x"), "api-key", ONE, "OpenAI-Project", "q");
    proxy.post(Examples.asking("x"), "api-key", TWO, "OpenAI-Project", "p");

    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void aCallOnItsWayIsJoinedWithinATenantAlone() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.silence().pause(gate).then(Script.json(Examples.ANSWER)));
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (String secret : List.of(ONE, TWO, OTHER)) {
      answers.add(CompletableFuture.supplyAsync(() -> ask("x", secret)));
    }
    upstream.awaitCalls(2);
    await().until(() -> proxy.metric("refrain_collapsed_total") == 1);
    gate.open();

    assertThat(answers).allSatisfy(answer -> assertThat(answer.join().statusCode()).isEqualTo(200));
    assertThat(upstream.calls()).isEqualTo(2);
  }

  private static String cacheStatus(HttpResponse<String> answer) {
    return answer.headers().firstValue("Cache-Status").orElseThrow();
  }

  // --- Models ----------------------------------------------------------------

  @Test
  void aModelThatIsNotForTheKeyIsNotThere() {
    HttpResponse<String> refused =
        proxy.post(Examples.asking("x").replace("\"m\"", "\"gpt\""), "api-key", FEW);

    assertThat(refused.statusCode()).isEqualTo(404);
    assertThat(Json.read(refused.body()).at("/error/code").asText()).isEqualTo("model_not_found");
    assertThat(Json.read(refused.body()).at("/error/param").asText()).isEqualTo("model");
    assertThat(upstream.calls()).isZero();
    assertThat(ask("x", FEW).statusCode()).isEqualTo(200);
    assertThat(metric("refrain_key_refusals_total{key=\"few\",reason=\"model\"}")).isEqualTo("1.0");
    assertThat(metric("refrain_key_requests_total{key=\"few\"}")).isEqualTo("2.0");
  }

  @Test
  void theListOfModelsHasOnlyThoseThatAreForTheKey() throws Exception {
    write("", KEYS.replace("\"ft:*\"", "\"x\""));
    reload();

    assertThat(models(FEW)).containsExactly("m");
    assertThat(models(ONE)).containsExactly("m", OpenAiStub.MODEL);
    assertThat(one("/v1/models/m", FEW).statusCode()).isEqualTo(200);
    assertThat(one("/v1/models/" + OpenAiStub.MODEL, FEW).statusCode()).isEqualTo(404);
    assertThat(one("/v1/models/" + OpenAiStub.MODEL, ONE).statusCode()).isEqualTo(200);
  }

  private List<String> models(String secret) {
    List<String> names = new ArrayList<>();
    Json.read(one("/v1/models", secret).body())
        .path("data")
        .forEach(model -> names.add(model.path("id").asText()));
    return names;
  }

  private HttpResponse<String> one(String path, String secret) {
    return proxy.send(proxy.request(path, "api-key", secret).GET().build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/chat/completions/",
        "/v1/completions/",
        "//v1/completions",
        "/V1/completions",
        "/v1/%63ompletions",
        "/v1/embeddings/"
      })
  void aKeyOfSomeModelsCannotGoRoundByAnotherPath(String path) throws Exception {
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.send(post(path, "api-key: " + FEW + "\r\n")).answer();

      assertThat(answer.status()).isEqualTo(403);
      assertThat(Json.read(answer.text()).at("/error/code").asText()).isEqualTo("forbidden");
    }
    assertThat(upstream.calls()).isZero();
    assertThat(metric("refrain_key_refusals_total{key=\"few\",reason=\"path\"}")).isEqualTo("1.0");
  }

  // --- SDK ---------------------------------------------------------------------

  @Test
  void theOfficialSdkSeesItsOwnExceptions() {
    try (Closing stranger = sdk("nobodys-secret-at-all");
        Closing few = sdk(FEW)) {
      UnauthorizedException unknown =
          catchThrowableOfType(
              UnauthorizedException.class, () -> stranger.client.completions().create(asking("m")));
      assertThat(unknown.code()).contains("invalid_api_key");
      assertThat(unknown.type()).contains("invalid_request_error");
      NotFoundException model =
          catchThrowableOfType(
              NotFoundException.class, () -> few.client.completions().create(asking("gpt")));
      assertThat(model.code()).contains("model_not_found");
      NotFoundException chat =
          catchThrowableOfType(
              NotFoundException.class, () -> few.client.chat().completions().create(chat()));
      assertThat(chat.code()).contains("model_not_found");
      PermissionDeniedException files =
          catchThrowableOfType(PermissionDeniedException.class, () -> few.client.files().list());
      assertThat(files.code()).contains("forbidden");
      assertThat(few.client.models().list().data()).extracting(Model::id).contains("m");
      assertThat(few.client.completions().create(asking("m")).choices()).hasSize(1);
    }
  }

  private record Closing(OpenAIClient client) implements AutoCloseable {
    @Override
    public void close() {
      client.close();
    }
  }

  private Closing sdk(String secret) {
    return new Closing(
        OpenAIOkHttpClient.builder()
            .baseUrl(proxy.url() + "/v1")
            .apiKey(secret)
            .maxRetries(0)
            .build());
  }

  private static CompletionCreateParams asking(String model) {
    return CompletionCreateParams.builder().model(model).prompt("x").temperature(0.0).build();
  }

  private static ChatCompletionCreateParams chat() {
    return ChatCompletionCreateParams.builder().model("gpt").addUserMessage("x").build();
  }

  // --- Pages -------------------------------------------------------------------

  @Test
  void thePageThatBringsAKeyMayAskAndRead() throws Exception {
    String origin = "Origin: https://a.example\r\n";
    try (RawClient browser = proxy.connect()) {
      browser.send(
          get(
              "OPTIONS /v1/completions",
              origin
                  + "Access-Control-Request-Method: POST\r\n"
                  + "Access-Control-Request-Headers: authorization,content-type\r\n"));
      RawClient.Answer permission = browser.answer();
      assertThat(permission.status()).isEqualTo(204);
      assertThat(permission.head().first("Access-Control-Allow-Origin"))
          .contains("https://a.example");
      assertThat(permission.head().first("Access-Control-Allow-Methods")).contains("POST");
      assertThat(permission.head().first("Access-Control-Allow-Headers"))
          .contains("authorization,content-type");
      assertThat(upstream.calls()).isZero();

      browser.send(post("/v1/completions", origin + "Authorization: Bearer " + ONE + "\r\n"));
      RawClient.Answer answer = browser.answer();
      assertThat(answer.head().first("Access-Control-Allow-Origin")).contains("https://a.example");
      assertThat(answer.text()).contains("choices");

      browser.send(post("/v1/completions", origin + "Authorization: Bearer wrong\r\n"));
      RawClient.Answer refused = browser.answer();
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.head().first("Access-Control-Allow-Origin")).contains("https://a.example");
    }
  }

  @Test
  void thePageMayReadWhatPassesThroughUnlessTheUpstreamSaysWhoMay() throws Exception {
    String head = "Origin: https://a.example\r\nAuthorization: Bearer " + ONE + "\r\n";
    upstream.play(Script.answer(200, "{}", "Content-Type: application/json"));
    try (RawClient browser = proxy.connect()) {
      browser.send(post("/v1/chat/completions", head));
      assertThat(allowed(browser)).containsExactly("https://a.example");

      upstream.play(Script.answer(200, "{}", "Access-Control-Allow-Origin: https://b.example"));
      browser.send(post("/v1/chat/completions", head));
      assertThat(allowed(browser)).containsExactly("https://b.example");
    }
  }

  private static List<String> allowed(RawClient browser) throws IOException {
    RawClient.Answer answer = browser.answer();
    assertThat(answer.text()).isEqualTo("{}");
    return answer.head().all("Access-Control-Allow-Origin");
  }

  @Test
  void whereAnotherAnswersPagesEvenTheirQuestionNeedsAKey() throws Exception {
    try (Proxy strict = Proxy.before(upstream.url(), "", KEYS, "cors: false");
        RawClient browser = strict.connect()) {
      browser.send(
          get(
              "OPTIONS /v1/completions",
              "Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n"));
      assertThat(browser.answer().status()).isEqualTo(401);
    }
    assertThat(upstream.calls()).isZero();
  }

  // --- Another edition ---------------------------------------------------------

  @Test
  void keysComeGoAndChangeWithTheNextRequest() throws Exception {
    String metrics = proxy.manage("/metrics").body();
    assertThat(metrics).contains("refrain_key_requests_total{key=\"another\"} 0.0");
    ask("x", OTHER);
    write(
        "",
        KEYS.replace(OTHER, "a-new-secret-of-another")
            .replace("name: shop-two", "name: shop-three"));
    assertThat(reload().getJsonArray("changed"))
        .containsExactly("keys[1].name", "keys[2].secret.sha256");

    assertThat(ask("x", OTHER).statusCode()).isEqualTo(401);
    assertThat(cacheStatus(ask("x", "a-new-secret-of-another"))).contains("hit; ");
    assertThat(ask("x", TWO).statusCode()).isEqualTo(200);
    metrics = proxy.manage("/metrics").body();
    assertThat(metrics)
        .contains("refrain_key_requests_total{key=\"another\"} 2.0")
        .contains("refrain_key_requests_total{key=\"shop-three\"} 1.0")
        .doesNotContain("shop-two");
  }

  @Test
  void aSecretThatChangesInItsFileIsTakenUpWithoutAWord() throws Exception {
    proxy.close();
    Path secret = Files.writeString(folder.resolve("secret"), ONE + "\n");
    write("", "keys: [{name: a, secret: {file: '" + secret + "'}}]");
    Files.writeString(
        file, Files.readString(file).replace("management: {", "management: {reload: 20ms, "));
    proxy = Proxy.reading(file);
    assertThat(ask("x", ONE).statusCode()).isEqualTo(200);

    Files.writeString(secret, TWO);

    await().atMost(20, TimeUnit.SECONDS).until(() -> ask("x", TWO).statusCode() == 200);
    assertThat(ask("x", ONE).statusCode()).isEqualTo(401);
  }

  @Test
  void aStreamGoesOnWhenItsKeyIsTakenAway() throws Exception {
    Gate gate = new Gate();
    upstream.play(Examples.inTwoHalves(gate));
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.streaming("x"), "api-key: " + ONE).answer();
      String begun = answer.until("first");
      write("", KEYS.replace(ONE, "another-secret-altogether"));
      reload();
      gate.open();

      assertThat(begun + answer.text()).contains("second", "[DONE]");
      assertThat(client.post(Examples.streaming("x"), "api-key: " + ONE).answer().status())
          .isEqualTo(401);
    }
  }

  @Test
  void noRequestUnderTrafficIsLostOrLetInByAReload() throws Exception {
    List<CompletableFuture<Void>> crowd = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String prompt = "p" + i;
      crowd.add(
          CompletableFuture.runAsync(
              () -> {
                for (int k = 0; k < 100; k++) {
                  assertThat(ask(prompt, ONE).statusCode()).isEqualTo(200);
                  assertThat(ask(prompt, "nobodys-secret-at-all").statusCode()).isEqualTo(401);
                }
              }));
    }
    for (int i = 1; crowd.stream().anyMatch(one -> !one.isDone()); i++) {
      write("", KEYS.replace("{name: few", "{name: few" + i));
      reload();
    }
    crowd.forEach(CompletableFuture::join);
    assertThat(upstream.calls()).isEqualTo(4);
    assertThat(metric("refrain_key_requests_total{key=\"shop-one\"}")).isEqualTo("400.0");
  }
}
