package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.fields.Scope;
import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.completions.Completions;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;

/** Reads requests for tests. */
final class ReaderFixture {
  private static final RequestReader READER = reader("http://a");

  private ReaderFixture() {}

  static RequestReader reader(String place) {
    return reader(new ModelRoute(place, ModelRoute.Mode.SPLIT), Repetition.REPLICATE, true);
  }

  static RequestReader reader(ModelRoute route, Repetition repetition, boolean caching) {
    return new RequestReader(
        Completions.DEFINITION, Bounds.PUBLISHED, repetition, model -> route, caching);
  }

  static MultiMap headers(String... namesAndValues) {
    MultiMap headers = HttpHeaders.headers();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return headers;
  }

  static InferenceRequest read(byte[] body, String... headers) {
    return read(READER, Buffer.buffer(body), headers);
  }

  static InferenceRequest read(RequestReader reader, Buffer body, String... headers) {
    return reader.read(
        new CallContext("id", headers(headers)),
        "/v1/completions",
        Scope.of(headers(headers)),
        body,
        new Cancellation());
  }

  static InferenceRequest read(String body, String... headers) {
    return read(body.getBytes(UTF_8), headers);
  }

  /** Reads a body of a model, temperature zero and these members. */
  static InferenceRequest with(String members, String... headers) {
    String comma = members.isEmpty() ? "" : ",";
    return read("{\"model\":\"m\",\"temperature\":0" + comma + members + "}", headers);
  }

  static Sharing sharing(String members, String... headers) {
    return with(members, headers).sharing();
  }

  static Fingerprint fingerprint(String members, String... headers) {
    return fingerprint(with(members, headers));
  }

  static Fingerprint fingerprint(InferenceRequest request) {
    assertThat(request.sharing()).isInstanceOf(Sharing.Shareable.class);
    return ((Sharing.Shareable) request.sharing()).fingerprint();
  }

  static Failure refused(byte[] body) {
    Failure failure = catchThrowableOfType(Failure.class, () -> read(body));
    assertThat(failure).as("a refusal").isNotNull();
    assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID);
    return failure;
  }

  static Failure refused(String body) {
    return refused(body.getBytes(UTF_8));
  }

  static Failure refusedWith(String members) {
    return refused("{\"model\":\"m\"," + members + "}");
  }
}
