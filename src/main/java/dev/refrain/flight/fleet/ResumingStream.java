package dev.refrain.flight.fleet;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Language.ResumeMatcher;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import dev.refrain.sse.Replay;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/**
 * A followed stream that survives the loss of its leader: the call is repeated, its frames are
 * compared with those already delivered, and only the rest is delivered. If they differ, the stream
 * fails. No text is delivered twice.
 *
 * <p>Lives on one event loop. Memory: the delivered frames, until the leader is gone.
 */
final class ResumingStream implements Frames, Follower.Reader {
  /** Makes the call anew. */
  interface Restart {
    /**
     * The answer, which is a stream or can be made one.
     *
     * @param withdrawn whether not to share it
     */
    Future<InferenceResponse> call(InferenceRequest request, boolean withdrawn);
  }

  private final InferenceRequest request;
  private final Follower follower;
  private final CompletenessCheck check;
  private final Restart restart;
  private final Cancellation call = new Cancellation();

  private Reader reader;
  private List<Frame> published = new ArrayList<>();
  private ResumeMatcher resumeMatcher;
  private Frames source;
  private Future<Entry> entry;
  private boolean paused;
  private boolean over;
  private boolean diverged;

  ResumingStream(
      InferenceRequest request, Follower follower, CompletenessCheck check, Restart restart) {
    this.request = request;
    this.follower = follower;
    this.check = check;
    this.restart = restart;
    request.cancellation().onCancel(this::leave);
  }

  private void leave() {
    over = true;
    call.cancel();
  }

  /** The entry: that of the new call if one was made, else that of this recording. */
  Future<Entry> entry(Entry recorded) {
    return entry == null ? Future.succeededFuture(recorded) : entry;
  }

  /** Whether it failed because the new call does not continue the frames already delivered. */
  boolean hasDiverged() {
    return diverged;
  }

  @Override
  public void read(Reader to) {
    reader = to;
    follower.read(this);
  }

  @Override
  public void pause() {
    paused = true;
    if (source != null) {
      source.pause();
    } else {
      follower.pause();
    }
  }

  @Override
  public void resume() {
    paused = false;
    if (source != null) {
      source.resume();
    } else {
      follower.resume();
    }
  }

  @Override
  public void frame(Frame frame) {
    if (over) {
      return;
    }
    if (resumeMatcher == null) {
      published.add(frame);
      deliver(frame);
      return;
    }
    try {
      resumeMatcher.next(frame).ifPresent(this::deliver);
    } catch (Failure contradiction) {
      diverge(contradiction);
    }
  }

  private void deliver(Frame frame) {
    check.add(frame);
    reader.frame(frame);
  }

  @Override
  public void end() {
    if (over) {
      return;
    }
    if (resumeMatcher != null && !resumeMatcher.caughtUp()) {
      diverge(broken("the stream broke off, and the answer made anew is shorter"));
      return;
    }
    over = true;
    reader.end();
  }

  @Override
  public void fail(Failure failure) {
    if (!over) {
      over = true;
      reader.fail(failure);
    }
  }

  private void diverge(Failure failure) {
    diverged = true;
    fail(failure);
    call.cancel();
  }

  @Override
  public void lost(boolean withdrawn) {
    if (over) {
      return;
    }
    resumeMatcher = request.streams().resumeMatcher(published);
    published = List.of();
    restart
        .call(request.with(Framing.STREAM, true).with(call), withdrawn)
        .onSuccess(this::goOn)
        .onFailure(cause -> fail(Failure.from(cause)));
  }

  private void goOn(InferenceResponse answer) {
    if (over) {
      return;
    }
    entry = answer.entry();
    if (answer instanceof Streamed streamed) {
      readOn(streamed.frames());
    } else if (answer.head().ok()) {
      entry
          .onSuccess(this::replay)
          .onFailure(cause -> diverge(broken("the stream broke off and could not be made anew")));
    } else {
      int status = answer.head().status();
      diverge(broken("the stream broke off, and the call made anew was refused with " + status));
    }
  }

  private void replay(Entry whole) {
    whole
        .answer(request.with(Framing.STREAM, true), Provenance.FLIGHT)
        .ifPresentOrElse(
            stream -> readOn(new Replay(((Whole) stream).body())),
            () -> diverge(broken("the stream broke off and could not be made anew as a stream")));
  }

  private void readOn(Frames frames) {
    source = frames;
    if (paused) {
      source.pause();
    }
    source.read(this);
  }

  private static Failure broken(String message) {
    return Failure.of(Failure.Kind.UPSTREAM_BROKEN, message);
  }
}
