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
    Frames frames = new UsageFilter(stream.frames(), request.streams());
    return new Streamed(
        stream.head(), frames, stream.live(), stream.check(), stream.provenance(), stream.entry());
  }

  /** Frames without the usage that only Refrain requested. */
  private record UsageFilter(Frames source, Language.Streams language) implements Frames {
    @Override
    public void read(Reader reader) {
      source.read(
          new Reader() {
            @Override
            public void frame(Frame frame) {
              language.withoutUsage(frame).ifPresent(reader::frame);
            }

            @Override
            public void end() {
              reader.end();
            }

            @Override
            public void fail(Failure failure) {
              reader.fail(failure);
            }
          });
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
}
