package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code GET /v1/models} as servers answer it. */
class ModelsTest {
  private final ScriptedUpstream one = ScriptedUpstream.playing(Script.json("{}"));
  private final ScriptedUpstream other =
      ScriptedUpstream.playing(Script.json("{\"data\":[{\"id\":\"other\"}]}"));

  @AfterEach
  void stop() throws Exception {
    one.close();
    other.close();
  }

  private static HttpResponse<String> get(Proxy proxy, String path) {
    return proxy.send(proxy.request(path).GET().build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"object\":\"list\",\"data\":null}",
        "{ \"data\" : [ {\"name\":\"no id\", \"x\":1.50} ],\n \"more\":9007199254740993 }",
        "{\"error\":{\"message\":\"in a 200\"}}",
        "[\"a\",\"b\"]",
        "not JSON",
        ""
      })
  void theAnswerOfAnOnlyUpstreamPassesAsItCame(String body) {
    for (int status : new int[] {200, 401, 404, 503}) {
      try (Proxy proxy = Proxy.before(one)) {
        for (String path : new String[] {"/v1/models", "/v1/models/m", "/v1/models/org/m"}) {
          one.play(Script.answer(status, body, "Content-Type: text/odd", "x-own: 1"));

          HttpResponse<String> answer = get(proxy, path);

          assertThat(answer.statusCode()).isEqualTo(status);
          assertThat(answer.body()).isEqualTo(body);
          assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/odd");
          assertThat(answer.headers().firstValue("x-own")).hasValue("1");
          assertThat(one.last().head().target()).isEqualTo(path);
        }
      }
    }
  }

  private Proxy two() {
    return Proxy.among(
        List.of(
            "name: a, url: \"%s\"".formatted(one.url()),
            "name: b, url: \"%s\"".formatted(other.url())),
        "");
  }

  private JsonNode merged(String list) {
    one.play(Script.json(list));
    try (Proxy proxy = two()) {
      HttpResponse<String> answer = get(proxy, "/v1/models");
      assertThat(answer.statusCode()).isEqualTo(200);
      return Json.read(answer.body());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"object\":\"list\",\"data\":null}",
        "{\"data\":[]}",
        "{\"data\":7}",
        "{\"error\":{\"message\":\"in a 200\"}}",
        "{\"error\":{\"message\":\"in a 200\"},\"data\":null}",
        "not JSON",
        "null",
        "[]",
        ""
      })
  void aListThatIsNoneLeavesTheOthers(String list) {
    JsonNode merged = merged(list);

    assertThat(merged.path("object").asText()).isEqualTo("list");
    assertThat(merged.path("data")).hasSize(1);
    assertThat(merged.at("/data/0/id").asText()).isEqualTo("other");
  }

  @Test
  void whatIsBesideTheModelsAndHasNoIdIsKept() {
    JsonNode merged =
        merged(
            "{\"has_more\":true,\"data\":[{\"id\":\"m\",\"x\":[1]},{\"name\":\"n\"},\"s\",{\"id\":7}]}");

    assertThat(merged.path("has_more").asBoolean()).isTrue();
    assertThat(merged.path("data"))
        .extracting(JsonNode::toString)
        .containsExactly(
            "{\"id\":\"m\",\"x\":[1]}",
            "{\"id\":\"other\"}",
            "{\"name\":\"n\"}",
            "\"s\"",
            "{\"id\":7}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ \"id\" : \"m\", \"x\": 1.50 , \"n\":9007199254740993123 }",
        "{\"id\":\"m\",\"e\":1E+2,\"d\":0.10000000000000000555,\"z\":-0.0}",
        "{\"id\":\"\\u006d\",\"t\":\"\\u00e9\\/é\",\"t\":2}",
        "{\"created\":1e400,\"id\":\"m\",\"p\":NaN}",
        "{\"id\":\"m\",\"nested\":{\"a\":[1.0,{\"b\":1.00}]}}"
      })
  void aMergedListHasEachModelByteForByte(String model) {
    one.play(Script.json("{\"data\":[" + model + ", 1.0]\n,\"total\":1.0,\"has_more\" : false}"));
    other.play(Script.json("{\"object\":\"list\",\"data\":[{\"id\":\"o\",\"c\":3.0}]}"));
    try (Proxy proxy = two()) {
      assertThat(get(proxy, "/v1/models").body())
          .isEqualTo(
              "{\"total\":1.0,\"has_more\":false,\"object\":\"list\",\"data\":["
                  + model
                  + ",{\"id\":\"o\",\"c\":3.0},1.0]}");
      assertThat(get(proxy, "/v1/models/m").body()).isEqualTo(model);
    }
  }

  @Test
  void anAliasHasTheBytesOfItsModelUnderItsOwnName() {
    one.play(Script.json("{\"data\":[{ \"x\":1.50, \"id\" : \"m\", \"y\":1.0 }]}"));
    List<String> aliased =
        List.of(
            "name: a, url: \"%s\", aliases: {\"a\\\"é\": m}".formatted(one.url()),
            "name: b, url: \"%s\"".formatted(other.url()));
    try (Proxy proxy = Proxy.among(aliased, "")) {
      assertThat(get(proxy, "/v1/models").body())
          .contains("{ \"x\":1.50, \"id\" : \"a\\\"é\", \"y\":1.0 }")
          .contains("{ \"x\":1.50, \"id\" : \"m\", \"y\":1.0 }");
    }
  }

  @Test
  void aModelOfTwoNamesIsShownOnlyToThoseWhoMaySeeAll() {
    one.play(Script.json("{\"data\":[{\"id\":\"secret\",\"id\":\"m\"},{\"id\":\"n\"}]}"));
    String keys =
        "keys: [{name: some, secret: some-key-of-32-characters-or-so-1, models: [m, n]},"
            + " {name: all, secret: all-key-of-32-characters-or-more-1}]";
    List<String> upstreams = List.of("name: a, url: \"%s\"".formatted(one.url()));
    try (Proxy proxy = Proxy.among(upstreams, keys)) {
      assertThat(list(proxy, "some-key-of-32-characters-or-so-1"))
          .contains("n")
          .doesNotContain("m\"");
      assertThat(list(proxy, "all-key-of-32-characters-or-more-1")).contains("n", "secret");
    }
  }

  private static String list(Proxy proxy, String key) {
    return proxy
        .send(proxy.request("/v1/models", "Authorization", "Bearer " + key).GET().build())
        .body();
  }

  @Test
  void aModelThatIsNotListedIsAskedFor() {
    String body = "{ \"id\":\"org/hidden\", \"x\":1.50 }";
    one.play(Script.answer(404, "{\"error\":{\"message\":\"no\"}}"));
    other.play(
        request ->
            request.head().target().equals("/v1/models")
                ? Script.json("{\"data\":[]}")
                : Script.json(body));
    try (Proxy proxy = two()) {
      HttpResponse<String> answer = get(proxy, "/v1/models/org/hidden");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(body);
      assertThat(other.last().head().target()).isEqualTo("/v1/models/org%2Fhidden");
    }
  }

  @Test
  void aModelThatNoUpstreamKnowsIsNotFound() {
    one.play(Script.answer(404, "{}"));
    other.play(Script.answer(404, "{}"));
    try (Proxy proxy = two()) {
      HttpResponse<String> answer = get(proxy, "/v1/models/m");

      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(Json.read(answer.body()).at("/error/code").asText()).isEqualTo("model_not_found");
    }
  }

  @Test
  void whatEveryUpstreamRefusesIsRefusedAsTheFirstDoes() {
    one.play(Script.answer(401, "{\"error\":{\"message\":\"whose?\"}}"));
    other.play(Script.answer(401, "{}"));
    try (Proxy proxy = two()) {
      for (String path : new String[] {"/v1/models", "/v1/models/m"}) {
        assertThat(get(proxy, path).statusCode()).isEqualTo(401);
        assertThat(get(proxy, path).body()).isEqualTo("{\"error\":{\"message\":\"whose?\"}}");
      }
    }
  }

  @Test
  void aCompressedListIsRead() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write("{\"data\":[{\"id\":\"zipped\"}]}".getBytes());
    }
    one.play(
        Script.silence()
            .head(200, List.of("Content-Encoding: gzip", "Content-Length: " + out.size()))
            .raw(out.toByteArray()));
    try (Proxy proxy = two()) {
      assertThat(get(proxy, "/v1/models").body()).contains("zipped").contains("other");
      assertThat(get(proxy, "/v1/models/zipped").statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', closed the connection before sending a response",
    "HTTP/1.1 200 OK|Content-Length: 9||{, broke off its answer"
  })
  void aListThatDoesNotComeIsToldInWords(String half, String words) {
    Script broken = Script.silence().raw(half.replace("|", "\r\n")).hangUp();
    one.play(broken);
    other.play(broken);
    try (Proxy several = two();
        Proxy single = Proxy.before(one)) {
      for (Proxy proxy : new Proxy[] {several, single}) {
        assertThat(get(proxy, "/v1/models").statusCode()).isEqualTo(502);
        assertThat(get(proxy, "/v1/models").body()).contains("the upstream " + words);
      }
    }
  }
}
