package dev.refrain.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.fields.Scope;
import dev.refrain.openai.ModelRoute;
import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.openai.RequestReader;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.completions.Completions;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever the body, a request is read or refused as invalid, and nothing else happens. */
class RequestFuzzTest {
  private static final List<String> WORDS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ":",
          ",",
          "\"",
          "\\",
          "\\u0000",
          "\\ud800",
          "null",
          "true",
          "false",
          "0",
          "-0",
          "1e999",
          "1E-400",
          "9223372036854775808",
          "0.1e+1",
          "-",
          "NaN",
          "\0",
          "\u00ff",
          "\u00c0\u0080",
          "\u00ef\u00bb\u00bf",
          "\"prompt\":",
          "\"model\":",
          "\"stream\":true",
          "\"temperature\":0",
          "\"n\":",
          "\"stop\":[",
          "\"logit_bias\":{\"1\":1}",
          "[[1,2],[3]]",
          "\"stream_options\":{\"include_usage\":true}",
          "/*",
          "//",
          "'",
          "\r\n",
          "\t");

  private final RequestReader reader =
      new RequestReader(
          Completions.DEFINITION,
          Bounds.PUBLISHED,
          Repetition.REPLICATE,
          model -> new ModelRoute("place", ModelRoute.Mode.SPLIT),
          true);

  @Test
  void aBodyIsReadOrInvalid() {
    Budget budget = Budget.of(20_000);
    Mutator mutator = new Mutator(budget.seed(), Corpus.of("request"), WORDS);
    int read = 0;
    for (int done = 0; budget.allows(done); done++) {
      byte[] body = mutator.next();
      try {
        read += isRead(body) ? 1 : 0;
      } catch (RuntimeException | AssertionError | StackOverflowError wrong) {
        fail("seed " + budget.seed() + ", body " + Mutator.show(body), wrong);
      }
    }
    assertThat(read).as("some of it must make sense, or nothing was tried").isPositive();
  }

  private boolean isRead(byte[] body) {
    InferenceRequest request;
    try {
      request = read(Buffer.buffer(body));
    } catch (Failure refused) {
      assertThat(refused.kind()).isEqualTo(Failure.Kind.INVALID);
      return false;
    }
    // What is sent upstream is itself a request, and the same one.
    InferenceRequest again = read(request.content().bytes(request.framing(), request.usage()));
    assertThat(again.model()).isEqualTo(request.model());
    assertThat(again.framing()).isEqualTo(request.framing());
    assertThat(again.sharing()).isEqualTo(request.sharing());
    return true;
  }

  private InferenceRequest read(Buffer body) {
    MultiMap headers = HttpHeaders.headers();
    return reader.read(
        new CallContext("id", headers),
        "/v1/completions",
        Scope.of(headers),
        body,
        new Cancellation());
  }
}
