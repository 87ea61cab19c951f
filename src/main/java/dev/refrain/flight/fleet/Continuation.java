package dev.refrain.flight.fleet;

import dev.refrain.completion.Cancellation;
import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Frames;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Language.Evidence;
import dev.refrain.completion.Language.Retelling;
import dev.refrain.completion.Provenance;
import dev.refrain.completion.Streamed;
import dev.refrain.completion.Whole;
import dev.refrain.sse.Replay;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/**
 * A followed stream that goes on when its leader is gone: the call is made anew, what it says is
 * held against what was told already, and only the rest is passed on. If it says something else the
 * stream fails; no text is told twice.
 *
 * <p>Lives on one event loop. Memory: until the leader is gone, what was told is remembered.
 */
final class Continuation implements Frames, Follower.Reader {
  /** Makes the call anew. */
  interface Anew {
    /**
     * The answer, which is a stream or can be made one.
     *
     * @param withdrawn whether not to share it
     */
    Future<Completion> call(CompletionRequest request, boolean withdrawn);
  }

  private final CompletionRequest request;
  private final Follower follower;
  private final Evidence evidence;
  private final Anew anew;
  private final Cancellation call = new Cancellation();

  private Reader reader;
  private List<Frame> told = new ArrayList<>();
  private Retelling retelling;
  private Frames source;
  private Future<Entry> entry;
  private boolean paused;
  private boolean over;
  private boolean torn;

  Continuation(CompletionRequest request, Follower follower, Evidence evidence, Anew anew) {
    this.request = request;
    this.follower = follower;
    this.evidence = evidence;
    this.anew = anew;
    request.cancellation().onCancel(this::leave);
  }

  private void leave() {
    over = true;
    call.cancel();
  }

  /** What may be kept: of a call made anew its own entry, else what was recorded of this. */
  Future<Entry> entry(Entry recorded) {
    return entry == null ? Future.succeededFuture(recorded) : entry;
  }

  /** Whether this failed because its two halves do not fit. */
  boolean isTorn() {
    return torn;
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
    if (retelling == null) {
      told.add(frame);
      deliver(frame);
      return;
    }
    try {
      retelling.next(frame).ifPresent(this::deliver);
    } catch (Failure contradiction) {
      tear(contradiction);
    }
  }

  private void deliver(Frame frame) {
    evidence.add(frame);
    reader.frame(frame);
  }

  @Override
  public void end() {
    if (over) {
      return;
    }
    if (retelling != null && !retelling.caughtUp()) {
      tear(broken("the stream broke off, and the answer made anew is shorter"));
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

  private void tear(Failure failure) {
    torn = true;
    fail(failure);
    call.cancel();
  }

  @Override
  public void lost(boolean withdrawn) {
    if (over) {
      return;
    }
    retelling = request.language().retelling(told);
    told = List.of();
    anew.call(request.with(Framing.STREAM, true).with(call), withdrawn)
        .onSuccess(this::goOn)
        .onFailure(cause -> fail(Failure.from(cause)));
  }

  private void goOn(Completion answer) {
    if (over) {
      return;
    }
    entry = answer.entry();
    if (answer instanceof Streamed streamed) {
      readOn(streamed.frames());
    } else if (answer.head().ok()) {
      entry
          .onSuccess(this::replay)
          .onFailure(cause -> tear(broken("the stream broke off and could not be made anew")));
    } else {
      int status = answer.head().status();
      tear(broken("the stream broke off, and the call made anew was refused with " + status));
    }
  }

  private void replay(Entry whole) {
    whole
        .answer(request.with(Framing.STREAM, true), Provenance.FLIGHT)
        .ifPresentOrElse(
            stream -> readOn(new Replay(((Whole) stream).body())),
            () -> tear(broken("the stream broke off and could not be made anew as a stream")));
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
