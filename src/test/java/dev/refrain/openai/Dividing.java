package dev.refrain.openai;

import dev.refrain.completion.Cancellation;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Part;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.stream.IntStream;

/** Reads requests for tests of their divisions; in JSON, single quotes stand for double ones. */
final class Dividing {
  private final Route.Mode mode;
  private final Repetition repetition;

  private Dividing(Route.Mode mode, Repetition repetition) {
    this.mode = mode;
    this.repetition = repetition;
  }

  static Dividing by(Route.Mode mode, Repetition repetition) {
    return new Dividing(mode, repetition);
  }

  static Dividing split() {
    return by(Route.Mode.SPLIT, Repetition.REPLICATE);
  }

  CompletionRequest read(String body, String... headers) {
    return Reading.reader(new Route("http://a", mode), repetition, true)
        .read(
            "id",
            CompletionsReader.ENDPOINT,
            Scope.of(Reading.headers(headers)),
            Reading.headers(headers),
            Buffer.buffer(quoted(body)),
            new Cancellation());
  }

  static String quoted(String json) {
    return json.replace('\'', '"');
  }

  static List<Part> parts(CompletionRequest request) {
    return IntStream.range(0, request.division().parts())
        .mapToObj(part -> request.division().part(part, new Cancellation()))
        .toList();
  }

  static List<String> bodies(CompletionRequest request) {
    return parts(request).stream().map(part -> body(part.request())).toList();
  }

  static String body(CompletionRequest request) {
    return request.content().bytes(request.framing(), request.usage()).toString();
  }

  static List<Fingerprint> fingerprints(CompletionRequest request) {
    return parts(request).stream().map(part -> Reading.fingerprint(part.request())).toList();
  }
}
