package dev.refrain.cache;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Completeness;
import dev.refrain.inference.Directives;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceRequest.ResponseForm;
import dev.refrain.inference.Language;
import dev.refrain.inference.Part;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Split;
import dev.refrain.inference.Tokens;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/** Entries and requests to test with. */
public final class Entries {
  /** Renders any entry as its own bytes, except that a body of "unusable" cannot be rendered. */
  public static final Language LANGUAGE = new Verbatim();

  private Entries() {}

  public static Fingerprint fingerprint(long n) {
    return new Fingerprint(n, ~n, n * 31, -n);
  }

  public static Entry entry(Fingerprint fingerprint, String body) {
    return entry(fingerprint, Buffer.buffer(body), System.currentTimeMillis());
  }

  public static Entry entry(Fingerprint fingerprint, Buffer body, long storedAt) {
    MultiMap headers =
        HttpHeaders.headers()
            .add("content-type", "application/json; charset=utf-8")
            .add("openai-model", "m-1");
    return new Entry(
        fingerprint,
        Framing.WHOLE,
        new Head(200, headers),
        body,
        Tokens.of(7, 3_000_000_000L),
        storedAt,
        "m",
        5);
  }

  public static InferenceRequest request(Fingerprint fingerprint) {
    return request(new Sharing.Shareable(fingerprint, 5), Framing.WHOLE, Directives.NONE);
  }

  public static InferenceRequest request(Sharing sharing, Framing framing, Directives directives) {
    return new InferenceRequest(
        new CallContext("id", HttpHeaders.headers()),
        "/v1/completions",
        "m",
        new ResponseForm(framing, false, 1),
        (as, usage) -> Buffer.buffer("{}"),
        Split.NONE,
        LANGUAGE,
        sharing,
        directives,
        new Cancellation());
  }

  private static final class Verbatim implements Language, Language.Streams {
    @Override
    public Optional<Streams> streams() {
      return Optional.of(this);
    }

    @Override
    public Endpoint endpoint() {
      return FakeRequest.ENDPOINT;
    }

    @Override
    public Completeness completeness(Buffer body, int elements) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletenessCheck check(int elements) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Frame> withoutUsage(Frame frame) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Buffer> merge(List<Part.Answer> answers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Buffer> fold(Buffer events) {
      return Optional.empty();
    }

    @Override
    public Optional<Buffer> unfold(Part.Answer answer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Merger merger(boolean usage, boolean continuous) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ResumeMatcher resumeMatcher(List<Frame> told) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Buffer> render(Entry entry, Framing framing, boolean usage) {
      String body = entry.body().toString();
      if (body.equals("broken")) {
        throw new IllegalStateException("not what it seemed");
      }
      return body.equals("unusable")
          ? Optional.empty()
          : Optional.of(Buffer.buffer(framing + ":" + body));
    }
  }
}
