package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.refrain.config.ConfigError;
import dev.refrain.testing.Chats;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.Vectors;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Answers on the disk of a machine outlive the process that stored them. */
class DiskTest {
  private static final String KEY = "sk-a-secret-of-the-caller";
  private static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"temperature\":0}";
  private static final String COMPLETION = Examples.asking("x");

  @TempDir private Path folder;
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(DiskTest::answer);

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  private static Script answer(Received request) {
    if (request.json().has("input")) {
      return Vectors.answer(request);
    }
    return request.json().has("messages") ? Chats.answer(request) : Examples.answer(request);
  }

  static Stream<Arguments> requests() {
    return Stream.of(
        Arguments.of("/v1/completions", COMPLETION),
        Arguments.of("/v1/completions", streaming(COMPLETION)),
        Arguments.of(Chats.PATH, CHAT),
        Arguments.of(Chats.PATH, streaming(CHAT)),
        Arguments.of("/v1/embeddings", "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}"));
  }

  private static String streaming(String request) {
    return request.replace("\"temperature\":0", "\"temperature\":0,\"stream\":true");
  }

  private Proxy start() {
    return start("");
  }

  private Proxy start(String others) {
    return Proxy.before(
        upstream.url(), "", "cache: {disk: {path: \"%s\"}%s}".formatted(folder, others));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void whatWasStoredIsServedAfterARestart(String path, String request) {
    String before;
    try (Proxy proxy = start()) {
      before = proxy.postTo(path, request, "Authorization", "Bearer " + KEY).body();
    }
    int calls = upstream.calls();
    try (Proxy proxy = start()) {
      HttpResponse<String> first = proxy.postTo(path, request, "Authorization", "Bearer " + KEY);
      HttpResponse<String> second = proxy.postTo(path, request, "Authorization", "Bearer " + KEY);

      assertThat(first.body()).isEqualTo(before).isEqualTo(second.body());
      assertThat(outcome(first)).startsWith("refrain; hit; ttl=").endsWith("; detail=disk");
      assertThat(outcome(second)).endsWith("; detail=memory");
      assertThat(upstream.calls()).isEqualTo(calls);
      assertThat(proxy.manage("/metrics").body())
          .containsPattern(
              "refrain_cache_lookups_total\\{endpoint=\"\\w+\",outcome=\"hit\",rule=\"default\",tier=\"disk\"}"
                  + " [12]")
          .contains("source=\"disk\"");
    }
  }

  @Test
  void theOtherFramingIsServedFromTheSameEntry() {
    try (Proxy proxy = start()) {
      proxy.post(COMPLETION);
    }
    try (Proxy proxy = start()) {
      HttpResponse<String> stream = proxy.post(streaming(COMPLETION));
      assertThat(outcome(stream)).endsWith("detail=disk");
      assertThat(stream.body()).endsWith("data: [DONE]\n\n");
    }
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"all\":true}", "{\"model\":\"m\"}", "{\"namespace\":\"n\"}"})
  void aPurgeSurvivesARestart(String purge) {
    try (Proxy proxy = start()) {
      proxy.post(COMPLETION, "X-Refrain-Namespace", "n");
      assertThat(purge(proxy, purge).body()).contains("\"reach\":\"here\"");
    }
    try (Proxy proxy = start()) {
      HttpResponse<String> again = proxy.post(COMPLETION, "X-Refrain-Namespace", "n");
      assertThat(outcome(again)).contains("fwd=uri-miss");
    }
    try (Proxy proxy = start()) {
      HttpResponse<String> stored = proxy.post(COMPLETION, "X-Refrain-Namespace", "n");
      assertThat(outcome(stored)).endsWith("detail=disk");
    }
  }

  @Test
  void aLifetimeTravelsWithTheEntry() {
    try (Proxy proxy = start()) {
      proxy.post(COMPLETION, "X-Refrain-TTL", "1h");
    }
    try (Proxy proxy = start()) {
      HttpResponse<String> again = proxy.post(COMPLETION);
      assertThat(outcome(again)).matches("refrain; hit; ttl=3[56]\\d\\d; detail=disk");
    }
  }

  @Test
  void aSecondProcessIsRefusedTheFolder() {
    try (Proxy first = start()) {
      assertThatThrownBy(this::start)
          .isInstanceOf(ConfigError.class)
          .hasMessage(
              "cache.disk.path: %s is in use by another process (pid %d) (expected: a folder of its"
                  + " own)",
              folder, ProcessHandle.current().pid());
      assertThat(first.post(COMPLETION).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anEntryOfRedisIsStoredOnDiskAndServedFromThereFirst() throws Exception {
    try (RedisFixture redis = new RedisFixture()) {
      String shared = ", redis: {timeout: 5s, url: '" + redis.url() + "'}";
      try (Proxy elsewhere =
          Proxy.before(upstream.url(), "", "cache: {" + shared.substring(2) + "}")) {
        elsewhere.post(COMPLETION);
        await().until(() -> redis.keys() > 0);
      }
      try (Proxy proxy = start(shared)) {
        assertThat(outcome(proxy.post(COMPLETION))).endsWith("detail=redis");
      }
      try (Proxy proxy = start(shared)) {
        assertThat(outcome(proxy.post(COMPLETION))).endsWith("detail=disk");
      }
    }
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void aPathThatIsNoFolderCostsHitsAndNoAnswer() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    try (Proxy proxy =
        Proxy.before(upstream.url(), "", "cache: {disk: {path: \"%s\"}}".formatted(file))) {
      assertThat(proxy.post(COMPLETION).statusCode()).isEqualTo(200);
      assertThat(outcome(proxy.post(COMPLETION))).endsWith("detail=memory");
      assertThat(proxy.manage("/metrics").body()).contains("outcome=\"error\"");
      assertThat(proxy.manage("/health").body()).contains("\"disk\":{\"state\":\"");
    }
  }

  @Test
  void entriesAndBytesAreShown() {
    try (Proxy proxy = start()) {
      proxy.post(COMPLETION);
      await()
          .until(() -> proxy.manage("/metrics").body().contains("refrain_disk_cache_entries 1.0"));
      assertThat(proxy.manage("/metrics").body())
          .contains("refrain_disk_cache_size_bytes ")
          .doesNotContain("refrain_disk_cache_size_bytes 0.0");
      assertThat(proxy.manage("/health").body()).contains("\"disk\":{\"state\":\"up\"");
    }
  }

  @Test
  void noFileHoldsACredential() throws IOException {
    try (Proxy proxy = start()) {
      for (Arguments each : requests().toList()) {
        String path = (String) each.get()[0];
        proxy.postTo(path, (String) each.get()[1], "Authorization", "Bearer " + KEY);
      }
      purge(proxy, "{\"authorization\":\"Bearer " + KEY + "\"}");
      // While it runs, too: what is in the log of the database is in a file.
      assertThat(texts()).isNotEmpty().allSatisfy(text -> assertThat(text).doesNotContain(KEY));
    }
    assertThat(texts()).isNotEmpty().allSatisfy(text -> assertThat(text).doesNotContain(KEY));
  }

  private List<String> texts() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(DiskTest::text).toList();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }

  private static HttpResponse<String> purge(Proxy proxy, String what) {
    URI uri = URI.create("http://127.0.0.1:" + proxy.managementPort() + "/cache/purge");
    return proxy.send(
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(what))
            .build());
  }

  private static String outcome(HttpResponse<String> answer) {
    return answer.headers().firstValue("Cache-Status").orElse("");
  }
}
