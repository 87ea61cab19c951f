package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.MessageHead;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operator says which header fields travel; what is encoded travels as it is. */
class HeaderRulesTest {
  private static final String[] SENT = {
    "X-One: 1", "X-Two: 2", "X-Three: 3", "Authorization: Bearer k"
  };
  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(
          Script.answer(
              200, Examples.ANSWER, "Content-Type: application/json", "Server: s", "X-Inner: i"));

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  private MessageHead through(String ofUpstream, String ofServer) throws Exception {
    try (Proxy proxy = Proxy.before(upstream.url(), ofUpstream, "", "eventLoops: 1" + ofServer);
        RawClient client = proxy.connect()) {
      client.post(Examples.asking("headers"), SENT);
      RawClient.Answer answer = client.answer();
      assertThat(answer.text()).isEqualTo(Examples.ANSWER);
      return answer.head();
    }
  }

  @Test
  void whatIsDeniedAtTheDoorIsNotSentAndWhatIsHiddenIsNotTold() throws Exception {
    MessageHead answer = through("", ", headers: {deny: [x-one], hide: [SERVER, X-Inner]}");
    assertThat(upstream.last().head().has("X-One")).isFalse();
    assertThat(upstream.last().head().first("X-Two")).contains("2");
    assertThat(answer.has("Server") || answer.has("X-Inner")).isFalse();
    assertThat(answer.first("Content-Type")).contains("application/json");
  }

  @Test
  void anUpstreamIsNotSentWhatItShallNotSeeAndItsOwnIsNotPassedBack() throws Exception {
    MessageHead answer = through("headers: {drop: [X-Two], hide: [x-inner]}", "");
    assertThat(upstream.last().head().has("X-Two")).isFalse();
    assertThat(upstream.last().head().first("X-One")).contains("1");
    assertThat(answer.has("X-Inner")).isFalse();
    assertThat(answer.first("Server")).contains("s");
  }

  @Test
  void anUpstreamIsSentWhatIsAllowedAndWhatItCannotDoWithout() throws Exception {
    through("headers: {allow: [X-Three]}", "");
    MessageHead sent = upstream.last().head();
    assertThat(sent.fields().stream().map(field -> field.name().toLowerCase()))
        .containsExactlyInAnyOrder(
            "x-three",
            "authorization",
            "content-type",
            "content-length",
            "host",
            "x-request-id",
            "accept-encoding");
  }

  @ParameterizedTest
  @ValueSource(strings = {"headers: {drop: [X-One, Cookie]}", "headers: {allow: [X-Three]}"})
  void whatNoUpstreamGetsDoesNotDivideTheCache(String rules) {
    try (Proxy proxy = Proxy.before(upstream.url(), rules, "")) {
      proxy.post(Examples.asking("d"), "X-One", "1", "Cookie", "a=1");
      proxy.post(Examples.asking("d"), "X-One", "2", "Cookie", "a=2");
      assertThat(upstream.calls()).isEqualTo(1);
    }
  }

  @Test
  void whatOneOfTheUpstreamsGetsDividesTheCache() {
    String rules = "headers: {drop: [X-One]}";
    String url = "url: \"" + upstream.url() + "\"";
    try (Proxy proxy =
        Proxy.among(List.of("name: a, " + url + ", " + rules, "name: b, " + url), "")) {
      proxy.post(Examples.asking("o"), "X-One", "1");
      proxy.post(Examples.asking("o"), "X-One", "2");
      assertThat(upstream.calls()).isEqualTo(2);
    }
  }

  @Test
  void anAnswerThatWasEncodedUnaskedIsDecodedAndStored() throws Exception {
    byte[] zipped = gzip(Examples.ANSWER);
    upstream.play(
        Script.silence()
            .head(
                200,
                List.of(
                    "Content-Type: application/json",
                    "Content-Encoding: gzip",
                    "Content-Length: " + zipped.length))
            .raw(zipped));
    try (Proxy proxy = Proxy.before(upstream);
        RawClient client = proxy.connect()) {
      for (int i = 1; i <= 2; i++) {
        client.post(Examples.asking("zipped"), "Accept-Encoding: gzip");
        RawClient.Answer answer = client.answer();
        assertThat(answer.head().first("Content-Encoding")).isEmpty();
        assertThat(answer.text()).isEqualTo(Examples.ANSWER);
        assertThat(upstream.calls()).isEqualTo(1);
      }
      assertThat(upstream.last().head().all("Accept-Encoding")).containsExactly("identity");
    }
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(text.getBytes());
    }
    return out.toByteArray();
  }
}
