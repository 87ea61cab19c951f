package dev.refrain.testing;

import dev.refrain.completion.Cancellation;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Directives;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Head;
import dev.refrain.completion.Language;
import dev.refrain.completion.Sharing;
import dev.refrain.completion.Tokens;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/** Requests and entries for tests of stages, in a language simple enough to read in a test. */
public final class FakeRequest {
  /**
   * A stream is whole once it has said "end", and failed once it has said "error". A document is
   * whole when it ends in "end". A frame or a document that begins with "usage" is the usage. An
   * entry called "stream only" cannot be rendered whole.
   */
  public static final Language LANGUAGE = new Simple();

  private FakeRequest() {}

  /** A fingerprint of its own for each number. */
  public static Fingerprint fingerprint(long n) {
    return new Fingerprint(n, ~n, n * 31, -n);
  }

  /** A request whose answer may be shared. */
  public static CompletionRequest shareable(long n, Framing framing) {
    return shareable(n, framing, false, Directives.NONE);
  }

  /** A request whose answer may be shared. */
  public static CompletionRequest shareable(
      long n, Framing framing, boolean usage, Directives directives) {
    return request(new Sharing.Shareable(fingerprint(n), 5), framing, usage, directives);
  }

  /** A request for itself alone. */
  public static CompletionRequest alone(Framing framing) {
    return alone(framing, Sharing.Reason.SAMPLED);
  }

  /** A request for itself alone, for this reason. */
  public static CompletionRequest alone(Framing framing, Sharing.Reason reason) {
    return request(new Sharing.Alone(reason), framing, false, Directives.NONE);
  }

  private static CompletionRequest request(
      Sharing sharing, Framing framing, boolean usage, Directives directives) {
    return new CompletionRequest(
        "id",
        "/v1/completions",
        "m",
        framing,
        usage,
        1,
        HttpHeaders.headers(),
        (as, withUsage) -> Buffer.buffer(as + " " + withUsage),
        LANGUAGE,
        sharing,
        directives,
        new Cancellation());
  }

  /** The head of a good answer. */
  public static Head head(String contentType) {
    return new Head(200, HttpHeaders.headers().add("Content-Type", contentType));
  }

  /** An answer to {@code fingerprint(n)}. */
  public static Entry entry(long n, Framing framing, String body, long storedAt) {
    return new Entry(
        fingerprint(n),
        framing,
        head(framing == Framing.WHOLE ? "application/json" : "text/event-stream"),
        Buffer.buffer(body),
        Tokens.of(2, 3),
        storedAt,
        "m",
        5);
  }

  private static final class Simple implements Language {
    @Override
    public Optional<Tokens> proof(Buffer body, int elements) {
      return body.toString().endsWith("end") ? Optional.of(Tokens.of(2, 3)) : Optional.empty();
    }

    @Override
    public Evidence evidence(int elements) {
      return new SimpleEvidence();
    }

    @Override
    public Tokens tokens(Buffer body) {
      return Tokens.UNKNOWN;
    }

    @Override
    public Optional<Frame> withoutUsage(Frame frame) {
      return frame.text().startsWith("usage") ? Optional.empty() : Optional.of(frame);
    }

    @Override
    public Retelling retelling(List<Frame> told) {
      return new SimpleRetelling(told);
    }

    @Override
    public Optional<Buffer> render(Entry entry, Framing framing, boolean usage) {
      String body = entry.body().toString();
      if (framing == Framing.WHOLE && body.equals("stream only")) {
        return Optional.empty();
      }
      return framing == Framing.WHOLE && entry.framing() == Framing.WHOLE
          ? Optional.of(entry.body())
          : Optional.of(Buffer.buffer(framing + " " + usage + " " + body));
    }
  }

  /** Frame for frame. */
  private static final class SimpleRetelling implements Language.Retelling {
    private final Queue<String> told = new ArrayDeque<>();

    SimpleRetelling(List<Frame> frames) {
      frames.forEach(frame -> told.add(frame.text()));
    }

    @Override
    public Optional<Frame> next(Frame frame) {
      if (told.isEmpty()) {
        return Optional.of(frame);
      }
      if (!told.remove().equals(frame.text())) {
        throw Failure.of(Failure.Kind.UPSTREAM_BROKEN, "told otherwise");
      }
      return Optional.empty();
    }

    @Override
    public boolean caughtUp() {
      return told.isEmpty();
    }
  }

  private static final class SimpleEvidence implements Language.Evidence {
    private boolean complete;
    private boolean failed;
    private Tokens tokens = Tokens.UNKNOWN;

    @Override
    public void add(Frame frame) {
      complete |= frame.text().equals("end");
      failed |= frame.text().equals("error");
      tokens = frame.text().startsWith("usage") ? Tokens.of(2, 3) : tokens;
    }

    @Override
    public boolean complete() {
      return complete && !failed;
    }

    @Override
    public boolean failed() {
      return failed;
    }

    @Override
    public Tokens tokens() {
      return tokens;
    }
  }
}
