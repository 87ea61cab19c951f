package dev.refrain.keys;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Frames;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Language;
import dev.refrain.completion.Streamed;
import io.vertx.core.Future;

/**
 * Has every stream asked what it costs, for keys are charged by that, and keeps it from callers who
 * did not ask.
 */
public final class Metering implements CompletionService {
  private final CompletionService next;

  /** A stage. */
  public Metering(CompletionService next) {
    this.next = next;
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    if (request.framing() == Framing.WHOLE || request.usage()) {
      return next.complete(request);
    }
    return next.complete(request.with(Framing.STREAM, true))
        .map(answer -> answer instanceof Streamed stream ? unsaid(stream, request) : answer);
  }

  private static Streamed unsaid(Streamed stream, CompletionRequest request) {
    Frames frames = new Unsaid(stream.frames(), request.language());
    return new Streamed(
        stream.head(),
        frames,
        stream.live(),
        stream.evidence(),
        stream.provenance(),
        stream.entry());
  }

  /** Frames without what was only said because we asked. */
  private record Unsaid(Frames source, Language language) implements Frames {
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
