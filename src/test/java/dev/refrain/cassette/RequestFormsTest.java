package dev.refrain.cassette;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.Api;
import dev.refrain.cassette.RecordedRequest.Form;
import dev.refrain.openai.CanonicalBody;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestFormsTest {
  private static final String JSON = "application/json";
  private static final String PLAIN = "{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":0.7}";

  private final RequestForms forms = new RequestForms(new CanonicalBody(Api.ENDPOINTS));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ \"temperature\": 7e-1, \"prompt\": [\"x\"], \"model\": \"\\u006d\" }",
        "{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":\"0.70\",\"n\":1,\"stream\":false}",
        "{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":0.7,\"user\":\"me\",\"metadata\":{\"a\":\"b\"},"
            + "\"request_id\":\"1\",\"seed\":null}",
      })
  void requestsThatAskForTheSameAreEqual(String body) {
    assertThat(completion(body)).isEqualTo(completion(PLAIN));
    assertThat(completion(body).body())
        .isEqualTo("{\"model\":\"m\",\"prompt\":[\"x\"],\"temperature\":0.7}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":0.7,\"n\":2}",
        "{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":0.7,\"stream\":true}",
        "{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":0.7,\"seed\":1}",
        "{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":0.7,\"store\":true}",
        "{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":0.7,\"unknown\":null}",
        "{\"model\":\"m\",\"prompt\":\"x \",\"temperature\":0.7}",
      })
  void requestsThatAskForSomethingElseAreNot(String body) {
    assertThat(completion(body)).isNotEqualTo(completion(PLAIN));
  }

  @Test
  void theOptionsOfAStreamAreOneObjectAgain() {
    RecordedRequest request =
        completion(
            "{\"stream_options\":{\"include_obfuscation\":false,\"include_usage\":true},"
                + "\"stream\":true,\"model\":\"m\",\"prompt\":\"x\",\"n\":3}");

    assertThat(request.body())
        .isEqualTo(
            "{\"model\":\"m\",\"n\":3,\"prompt\":[\"x\"],\"stream\":true,"
                + "\"stream_options\":{\"include_obfuscation\":false,\"include_usage\":true}}");
    assertThat(completion(request.body())).isEqualTo(request);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/completions | {\"temperature\":\"hot\",\"user\":\"me\"}",
        "/v1/responses | {\"input\":\"x\",\"user\":\"me\"}",
        "/v1/rerank | [1,2]",
      })
  void aBodyThatNoScanTakesCountsAsAWhole(String path, String body) {
    RecordedRequest request = forms.of("POST", path, JSON, bytes(body));

    assertThat(request.form()).isEqualTo(Form.BODY);
    assertThat(request.body()).isEqualTo(body);
  }

  @Test
  void aBodyThatIsNoJsonIsTextOrBase64() {
    assertThat(forms.of("POST", "/x", "text/plain", bytes("{\"a\":1}")).form())
        .isEqualTo(Form.TEXT);
    assertThat(forms.of("POST", "/x", JSON, bytes("{\"a\":")).body()).isEqualTo("{\"a\":");
    RecordedRequest binary = forms.of("POST", "/x", JSON, new byte[] {(byte) 0xFF, 0});
    assertThat(binary.form()).isEqualTo(Form.BASE64);
    assertThat(binary.body()).isEqualTo("/wA=");
    assertThat(forms.of("GET", "/x", null, new byte[0]).form()).isEqualTo(Form.NONE);
  }

  @Test
  void theBoundaryOfAnUploadDoesNotCount() {
    RecordedRequest one = upload("----x1", "multipart/form-data; boundary=----x1");
    RecordedRequest other = upload("y2", "multipart/form-data; boundary=\"y2\"");

    assertThat(one).isEqualTo(other);
    assertThat(one.body()).startsWith("--boundary\r\n").endsWith("--boundary--\r\n");
  }

  private RecordedRequest upload(String boundary, String type) {
    String body = "--%s\r\n\r\nfile\r\n--%<s--\r\n".formatted(boundary);
    return forms.of("POST", "/v1/files", type, bytes(body));
  }

  @Test
  void credentialsAndTheAddressAreNoPartOfIt() {
    RecordedRequest request =
        forms.of(
            "POST",
            "http://127.0.0.1:4711/v1/responses?api-key=sk-1&api-version=2",
            JSON,
            bytes(
                "{\"api_key\":\"sk-1\",\"tools\":[{\"type\":\"mcp\",\"authorization\":\"sk-2\","
                    + "\"headers\":{\"Authorization\":\"Bearer sk-3\"}}],"
                    + "\"schema\":{\"api_key\":{\"type\":\"string\"}}}"));

    assertThat(request.target()).isEqualTo("/v1/responses?api-version=2");
    assertThat(request.body())
        .doesNotContain("sk-")
        .contains("\"api_key\":\"[credential]\"", "\"api_key\":{\"type\":\"string\"}");
  }

  private RecordedRequest completion(String body) {
    return forms.of("POST", "/v1/completions", JSON, bytes(body));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
