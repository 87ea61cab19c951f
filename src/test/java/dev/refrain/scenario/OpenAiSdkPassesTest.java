package dev.refrain.scenario;

import static dev.refrain.scenario.OpenAiStub.BYTES;
import static dev.refrain.scenario.OpenAiStub.MODEL;
import static dev.refrain.scenario.OpenAiStub.boundary;
import static dev.refrain.scenario.OpenAiStub.file;
import static dev.refrain.scenario.OpenAiStub.latin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.MultipartField;
import com.openai.core.http.Headers;
import com.openai.core.http.HttpResponse;
import com.openai.core.http.HttpResponseFor;
import com.openai.errors.NotFoundException;
import com.openai.models.audio.transcriptions.TranscriptionCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileListParams;
import com.openai.models.files.FilePurpose;
import com.openai.models.models.Model;
import dev.refrain.testing.MessageHead.Field;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.ScriptedUpstream;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What passes through, asked by the official Java SDK: the upstream gets, and the SDK gives, the
 * same as where nobody stands between them. Every call is made twice, once around the proxy.
 */
class OpenAiSdkPassesTest {
  @TempDir static Path folder;

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(OpenAiStub::answer);
  private final Proxy proxy = Proxy.before(upstream);
  private final OpenAIClient direct = client(upstream.url());
  private final OpenAIClient through = client(proxy.url());

  @AfterEach
  void stop() throws Exception {
    direct.close();
    through.close();
    proxy.close();
    upstream.close();
  }

  private static OpenAIClient client(String url) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(url + "/v1")
        .apiKey("sk-test")
        .organization("org-1")
        .maxRetries(0)
        .build();
  }

  /** What the SDK made of an answer. */
  private record Said(Object value, Map<String, List<String>> headers) {}

  /** A call of the SDK. */
  @FunctionalInterface
  private interface Call {
    Said by(OpenAIClient client) throws IOException;
  }

  private static Arguments call(String line, Call call, String... further) {
    return Arguments.of(line, call, List.of(further));
  }

  static Stream<Arguments> calls() throws IOException {
    Path speech = Files.write(folder.resolve("speech.wav"), BYTES);
    return Stream.of(
        call(
            "POST /v1/files",
            sdk -> said(sdk.files().withRawResponse().create(named()), f -> f),
            "bytes=" + BYTES.length,
            "batch.jsonl"),
        call(
            "POST /v1/files",
            sdk -> said(sdk.files().withRawResponse().create(streamed()), f -> f),
            "bytes=" + BYTES.length),
        call(
            "GET /v1/files/file-1",
            sdk -> said(sdk.files().withRawResponse().retrieve("file-1"), f -> f),
            "file-1"),
        call(
            "GET /v1/files?limit=2&purpose=batch",
            sdk -> said(sdk.files().withRawResponse().list(someFiles()), page -> page.data()),
            "file-1",
            "file-2"),
        call(
            "DELETE /v1/files/file-1",
            sdk -> said(sdk.files().withRawResponse().delete("file-1"), f -> f),
            "deleted=true"),
        call(
            "GET /v1/files/file-1/content",
            sdk -> downloaded(sdk.files().content("file-1")),
            digest(BYTES)),
        call(
            "POST /v1/audio/transcriptions",
            sdk ->
                said(sdk.audio().transcriptions().withRawResponse().create(spoken(speech)), t -> t),
            BYTES.length + " bytes of speech.wav"));
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("calls")
  void theUpstreamIsAskedTheSameAndTheSdkIsToldTheSame(
      String line, Call call, List<String> mentioned) throws Exception {
    Said wanted = call.by(direct);
    Said heard = call.by(through);

    assertThat(wanted.value().toString()).contains(mentioned);
    assertThat(heard.value()).isEqualTo(wanted.value());
    assertThat(heard.headers()).containsEntry("via", List.of("1.1 refrain"));
    heard.headers().remove("via");
    assertThat(heard.headers()).isEqualTo(wanted.headers());
    assertThat(upstream.received()).hasSize(2);
    Received asked = upstream.received().get(1);
    assertThat(asked.head().start()).isEqualTo(line + " HTTP/1.1");
    assertSame(asked, upstream.received().get(0));
  }

  @Test
  void aFileIsUploadedByteForByte() {
    through.files().create(named());

    assertThat(upstream.last().head().has("Content-Length")).isTrue();
    assertThat(file(upstream.last())).isEqualTo(BYTES);
  }

  @Test
  void soIsOneWhoseLengthNobodyKnows() {
    through.files().create(streamed());

    assertThat(upstream.last().head().all("Transfer-Encoding")).containsExactly("chunked");
    assertThat(file(upstream.last())).isEqualTo(BYTES);
  }

  @Test
  void aFileThatIsNotThereIsTheSameExceptionEitherWay() {
    NotFoundException wanted = missing(() -> direct.files().retrieve("file-0"));
    NotFoundException heard = missing(() -> through.files().retrieve("file-0"));

    assertThat(heard).hasMessage(wanted.getMessage());
    assertThat(heard.body()).isEqualTo(wanted.body());
    assertThat(heard.param()).hasValue("id");
  }

  // Refrain answers for models itself, with what the upstreams list (decision 0018).

  @Test
  void theModelsAreThoseOfTheUpstreamAndTellTheSameOfThemselves() {
    List<Model> wanted = direct.models().list().data();

    assertThat(through.models().list().data()).isEqualTo(wanted).hasSize(2);
    assertThat(through.models().retrieve(MODEL)).isEqualTo(direct.models().retrieve(MODEL));
    assertThat(wanted.get(1).toString()).contains("deep");
  }

  @Test
  void aModelThatIsNotThereIsAnExceptionOfTheSameKindAndCode() {
    NotFoundException wanted = missing(() -> direct.models().retrieve("no-such-model"));
    NotFoundException heard = missing(() -> through.models().retrieve("no-such-model"));

    assertThat(heard.code()).isEqualTo(wanted.code());
    assertThat(heard.type()).isEqualTo(wanted.type());
  }

  private static NotFoundException missing(ThrowingCallable call) {
    return catchThrowableOfType(NotFoundException.class, call);
  }

  // --- What is asked ---------------------------------------------------------

  private static FileCreateParams named() {
    return upload(new ByteArrayInputStream(BYTES), "batch.jsonl");
  }

  /** Of no name and, to the SDK, of no known length. */
  private static FileCreateParams streamed() {
    return FileCreateParams.builder()
        .file(new BufferedInputStream(new ByteArrayInputStream(BYTES)))
        .purpose(FilePurpose.BATCH)
        .build();
  }

  private static FileCreateParams upload(InputStream bytes, String name) {
    return FileCreateParams.builder()
        .file(MultipartField.<InputStream>builder().value(bytes).filename(name).build())
        .purpose(FilePurpose.BATCH)
        .build();
  }

  private static FileListParams someFiles() {
    return FileListParams.builder().limit(2).purpose("batch").build();
  }

  private static TranscriptionCreateParams spoken(Path speech) {
    return TranscriptionCreateParams.builder()
        .file(speech)
        .model("whisper-1")
        .language("de")
        .temperature(0)
        .build();
  }

  // --- What is said ----------------------------------------------------------

  private static <T> Said said(HttpResponseFor<T> response, Function<T, Object> reading) {
    try (response) {
      return new Said(reading.apply(response.parse()), headers(response.headers()));
    }
  }

  private static Said downloaded(HttpResponse response) throws IOException {
    try (response) {
      return new Said(digest(response.body().readAllBytes()), headers(response.headers()));
    }
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static Map<String, List<String>> headers(Headers headers) {
    Map<String, List<String>> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.names().forEach(name -> all.put(name, headers.values(name)));
    return all;
  }

  // --- What is received ------------------------------------------------------

  private static void assertSame(Received heard, Received wanted) {
    assertThat(heard.head().start()).isEqualTo(wanted.head().start());
    assertThat(endToEnd(heard)).containsExactlyInAnyOrderElementsOf(endToEnd(wanted));
    assertThat(heard.head().all("Via")).containsExactly("1.1 refrain");
    // Not compared as texts: their difference, if there is one, would be megabytes of a message.
    assertThat(withoutBoundary(heard, latin(heard)).equals(withoutBoundary(wanted, latin(wanted))))
        .as("the same body of %d and %d bytes", heard.body().length, wanted.body().length)
        .isTrue();
  }

  /** All headers but those of the hop; the length of the body, or that it has none, among them. */
  private static List<String> endToEnd(Received request) {
    return request.head().fields().stream()
        .filter(field -> !field.name().matches("(?i)connection|via"))
        .map(field -> withoutBoundary(request, line(field)))
        .toList();
  }

  private static String line(Field field) {
    return field.name().toLowerCase(Locale.ROOT) + ": " + field.value();
  }

  /** The SDK rolls a boundary anew for each upload, always of the same length. */
  private static String withoutBoundary(Received request, String text) {
    return boundary(request).map(boundary -> text.replace(boundary, "BOUNDARY")).orElse(text);
  }
}
