package dev.refrain.openai;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Part;
import dev.refrain.inference.fields.Scope;
import dev.refrain.openai.ModelRoute.Repetition;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Reads requests for tests of their divisions; in JSON, single quotes stand for double ones. */
final class SplitFixture {
  private final ModelRoute.Mode mode;
  private final Repetition repetition;

  private SplitFixture(ModelRoute.Mode mode, Repetition repetition) {
    this.mode = mode;
    this.repetition = repetition;
  }

  static SplitFixture by(ModelRoute.Mode mode, Repetition repetition) {
    return new SplitFixture(mode, repetition);
  }

  static SplitFixture split() {
    return by(ModelRoute.Mode.SPLIT, Repetition.REPLICATE);
  }

  /** Reads a request whose answer is kept, for others are not taken apart by prompts. */
  InferenceRequest read(String body, String... headers) {
    return readAsIs(
        body,
        Stream.concat(Stream.of("X-Refrain-Cache", "force"), Stream.of(headers))
            .toArray(String[]::new));
  }

  InferenceRequest readAsIs(String body, String... headers) {
    return ReaderFixture.reader(new ModelRoute("http://a", mode), repetition, true)
        .read(
            new CallContext("id", ReaderFixture.headers(headers)),
            "/v1/completions",
            Scope.of(ReaderFixture.headers(headers)),
            Buffer.buffer(quoted(body)),
            new Cancellation());
  }

  static String quoted(String json) {
    return json.replace('\'', '"');
  }

  static List<Part> parts(InferenceRequest request) {
    return IntStream.range(0, request.split().parts())
        .mapToObj(part -> request.split().part(request, part, new Cancellation()))
        .toList();
  }

  static List<String> bodies(InferenceRequest request) {
    return parts(request).stream().map(part -> body(part.request())).toList();
  }

  static String body(InferenceRequest request) {
    return request.content().bytes(request.framing(), request.usage()).toString();
  }

  static List<Fingerprint> fingerprints(InferenceRequest request) {
    return parts(request).stream().map(part -> ReaderFixture.fingerprint(part.request())).toList();
  }
}
