package dev.refrain.testing;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Completeness;
import dev.refrain.inference.Directives;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
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
import dev.refrain.inference.UpstreamTime;
import dev.refrain.inference.Whole;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Requests and entries for tests of stages, in a language simple enough to read in a test. */
public final class FakeRequest {
  /**
   * A stream is whole once it has said "end", and failed once it has said "error". A document is
   * whole when it ends in "end". A frame or a document that begins with "usage" is the usage. An
   * entry called "stream only" cannot be rendered whole. A merged document is the parts' documents,
   * each behind the index it has, and a document of a batch is cut at its bars; an unfolded one is
   * one frame; "strange" can be neither. A merged frame is a part's frame, behind its index and a
   * colon.
   */
  public static final Language LANGUAGE = new Simple();

  /** The same for streams. */
  public static final Language.Streams STREAMS = LANGUAGE.streams().orElseThrow();

  /** An endpoint like any other. */
  public static final Endpoint ENDPOINT =
      new Endpoint("/v1/completions", "completions", "text_completion");

  private FakeRequest() {}

  /** A fingerprint of its own for each number. */
  public static Fingerprint fingerprint(long n) {
    return new Fingerprint(n, ~n, n * 31, -n);
  }

  /** A request whose answer may be shared. */
  public static InferenceRequest shareable(long n, Framing framing) {
    return shareable(n, framing, false, Directives.NONE);
  }

  /** A request whose answer may be shared. */
  public static InferenceRequest shareable(
      long n, Framing framing, boolean usage, Directives directives) {
    return request(new Sharing.Shareable(fingerprint(n), 5), framing, usage, directives);
  }

  /** A request for itself alone. */
  public static InferenceRequest alone(Framing framing) {
    return alone(framing, Sharing.Reason.SAMPLED);
  }

  /** A request for itself alone, for this reason. */
  public static InferenceRequest alone(Framing framing, Sharing.Reason reason) {
    return request(new Sharing.Unshareable(reason), framing, false, Directives.NONE);
  }

  private static InferenceRequest request(
      Sharing sharing, Framing framing, boolean usage, Directives directives) {
    return new InferenceRequest(
        new CallContext("id", HttpHeaders.headers()),
        "/v1/completions",
        "m",
        new ResponseForm(framing, usage, 1),
        (as, withUsage) -> Buffer.buffer(as + " " + withUsage),
        Split.NONE,
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

  /** An answer of the upstream, which is complete if it ends in "end". */
  public static Whole document(String body) {
    Buffer bytes = Buffer.buffer(body);
    return Whole.notStorable(
        head("application/json"), bytes, LANGUAGE.completeness(bytes, 1), UpstreamTime.NONE);
  }

  private static final class Simple implements Language, Language.Streams {
    @Override
    public Optional<Streams> streams() {
      return Optional.of(this);
    }

    @Override
    public Endpoint endpoint() {
      return ENDPOINT;
    }

    @Override
    public Completeness completeness(Buffer body, int elements) {
      return body.toString().endsWith("end")
          ? new Completeness(true, Tokens.of(2, 3))
          : Completeness.NONE;
    }

    @Override
    public CompletenessCheck check(int elements) {
      return new SimpleCompletenessCheck();
    }

    @Override
    public Optional<Frame> withoutUsage(Frame frame) {
      return frame.text().startsWith("usage") ? Optional.empty() : Optional.of(frame);
    }

    @Override
    public Optional<Buffer> merge(List<Part.Answer> answers) {
      Buffer merged = Buffer.buffer();
      for (Part.Answer answer : answers) {
        if (answer.body().toString().equals("strange")) {
          return Optional.empty();
        }
        for (int copy = 0; copy < answer.part().copies(); copy++) {
          merged.appendString(answer.part().index(0, copy) + ":" + answer.body() + " ");
        }
      }
      return Optional.of(merged);
    }

    @Override
    public Optional<Cut> cut(Buffer body, List<InferenceRequest> parts) {
      List<Buffer> bodies = Stream.of(body.toString().split("\\|")).map(Buffer::buffer).toList();
      return bodies.size() == parts.size() ? Optional.of(new Cut(bodies, false)) : Optional.empty();
    }

    @Override
    public Optional<Buffer> fold(Buffer events) {
      return Optional.empty();
    }

    @Override
    public Optional<Buffer> unfold(Part.Answer answer) {
      String body = answer.body().toString();
      return body.equals("strange")
          ? Optional.empty()
          : Optional.of(Buffer.buffer("data: " + body + "\n\ndata: [DONE]\n\n"));
    }

    @Override
    public Merger merger(boolean usage, boolean continuous) {
      return new SimpleMerger(usage);
    }

    @Override
    public ResumeMatcher resumeMatcher(List<Frame> told) {
      return new SimpleResumeMatcher(told);
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

  private static final class SimpleMerger implements Language.Merger {
    private final boolean usage;
    private int said;

    SimpleMerger(boolean usage) {
      this.usage = usage;
    }

    @Override
    public Iterator<Frame> frames(Part part, Frame frame) {
      if (frame.text().equals("strange")) {
        throw Failure.of(Failure.Kind.UPSTREAM_BROKEN, "not understood");
      }
      if (frame.text().startsWith("usage")) {
        said++;
        return Collections.emptyIterator();
      }
      return IntStream.range(0, part.copies())
          .mapToObj(copy -> FakeFrames.data(part.index(0, copy) + ":" + frame.text()))
          .iterator();
    }

    @Override
    public Optional<Frame> usage() {
      return usage ? Optional.of(FakeFrames.data("usage of " + said)) : Optional.empty();
    }
  }

  /** Frame for frame. */
  private static final class SimpleResumeMatcher implements Language.ResumeMatcher {
    private final Queue<String> told = new ArrayDeque<>();

    SimpleResumeMatcher(List<Frame> frames) {
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

  private static final class SimpleCompletenessCheck implements Language.CompletenessCheck {
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
    public boolean ended() {
      return complete();
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
