package dev.refrain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The OpenAPI document that the management port serves says what the program does. */
class OpenApiTest {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void close() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void everyEndpointThatRefrainAnswersIsDescribed() throws Exception {
    List<String> described = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document().path("paths").properties()) {
      if (!path.getValue().has("servers") && path.getValue().has("post")) {
        described.add(path.getKey());
      }
    }
    assertThat(described)
        .containsExactlyElementsOf(
            Api.ENDPOINTS.stream().map(one -> one.endpoint().path()).toList());
  }

  @Test
  void everyPathOfTheManagementPortAnswersAsDescribed() throws Exception {
    int asked = 0;
    for (Map.Entry<String, JsonNode> path : document().path("paths").properties()) {
      if (path.getValue().has("servers")) {
        String method = path.getValue().has("post") ? "POST" : "GET";
        JsonNode operation = path.getValue().path(method.toLowerCase(Locale.ROOT));
        int status = status(method, path.getKey());
        assertThat(operation.path("responses").has(String.valueOf(status)))
            .as("%s %s is answered %d", method, path.getKey(), status)
            .isTrue();
        asked++;
      }
    }
    assertThat(asked).isEqualTo(17);
  }

  @Test
  void everyReferenceLeadsSomewhere() throws Exception {
    JsonNode document = document();
    List<JsonNode> references = document.findValues("$ref");
    assertThat(references).isNotEmpty();
    for (JsonNode reference : references) {
      assertThat(document.at(reference.asText().substring(1)).isMissingNode())
          .as(reference.asText())
          .isFalse();
    }
  }

  private JsonNode document() throws IOException {
    HttpResponse<String> response = proxy.manage("/openapi.yaml");
    assertThat(response.headers().firstValue("Content-Type")).contains("application/yaml");
    return YAML.readTree(response.body());
  }

  private int status(String method, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + proxy.managementPort() + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody());
    HttpResponse<InputStream> response = CLIENT.send(request.build(), BodyHandlers.ofInputStream());
    response.body().close();
    return response.statusCode();
  }
}
