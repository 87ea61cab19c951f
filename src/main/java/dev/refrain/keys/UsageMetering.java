package dev.refrain.keys;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Language;
import dev.refrain.inference.Streamed;
import io.vertx.core.Future;

/**
 * Requests usage on every stream, because keys are charged by it, and removes it for clients that
 * did not request it.
 */
public final class UsageMetering implements InferenceService {
  private final InferenceService next;

  /** A stage. */
  public UsageMetering(InferenceService next) {
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request) {
    if (request.framing() == Framing.WHOLE || request.usage()) {
      return next.respond(request);
    }
    return next.respond(request.with(Framing.STREAM, true))
        .map(answer -> answer instanceof Streamed stream ? withoutUsage(stream, request) : answer);
  }

  private static Streamed withoutUsage(Streamed stream, InferenceRequest request) {
    return stream.with(new UsageFilter(stream.frames(), request.streams(), stream.check()));
  }

  /** Frames without the usage that only Refrain requested. */
  private record UsageFilter(
      Frames source, Language.Streams language, Language.CompletenessCheck check)
      implements Frames {
    @Override
    public void read(Reader reader) {
      source.read(new UsageReader(language, check, reader));
    }

    @Override
    public void pause() {
      source.pause();
    }

    @Override
    public void resume() {
      source.resume();
    }
  }

  /** Holds the last frame back until what stands beside the usage behind it is known. */
  private static final class UsageReader implements Frames.Reader {
    private final Language.Streams language;
    private final Language.CompletenessCheck check;
    private final Frames.Reader reader;
    private Frame held;

    UsageReader(Language.Streams language, Language.CompletenessCheck check, Frames.Reader reader) {
      this.language = language;
      this.check = check;
      this.reader = reader;
    }

    @Override
    public void frame(Frame frame) {
      if (held != null) {
        held = language.withMembersBesideUsage(held, frame);
      }
      release();
      Frame left = language.withoutUsage(frame).orElse(null);
      if (left != null && check.ended()) {
        held = left;
      } else if (left != null) {
        reader.frame(left);
      }
    }

    private void release() {
      if (held != null) {
        Frame last = held;
        held = null;
        reader.frame(last);
      }
    }

    @Override
    public void end() {
      release();
      reader.end();
    }

    @Override
    public void fail(Failure failure) {
      release();
      reader.fail(failure);
    }
  }
}
