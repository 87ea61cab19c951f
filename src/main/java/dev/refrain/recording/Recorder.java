package dev.refrain.recording;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Language.Streams;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.NotStored;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Tokens;
import dev.refrain.inference.Whole;
import dev.refrain.recording.Recording.FrameFilter;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The last stage of the shared lane. Turns answers into entries: a whole one at once, a stream by
 * recording it. A call that may be kept asks for its usage, whether the caller did or not, so that
 * one entry can answer both.
 */
public final class Recorder implements SharedService {
  private static final int OK = 200;

  private final int bound;
  private final LongSupplier clock;
  private final boolean heedsNoStore;
  private final Recordings recordings;
  private final Observer observer;
  private final InferenceService next;

  /**
   * A stage.
   *
   * @param bound maximum bytes of one recording; a longer one is neither stored nor joined
   * @param clock milliseconds of the epoch; says when a call begins
   * @param recordings those of the process
   * @param observer receives the reason when an answer is not stored
   */
  public Recorder(
      int bound,
      LongSupplier clock,
      Recordings recordings,
      Observer observer,
      InferenceService next) {
    this(bound, clock, true, recordings, observer, next);
  }

  /**
   * A stage.
   *
   * @param heedsNoStore whether an answer is not stored of which the upstream says so
   */
  public Recorder(
      int bound,
      LongSupplier clock,
      boolean heedsNoStore,
      Recordings recordings,
      Observer observer,
      InferenceService next) {
    this.bound = bound;
    this.clock = clock;
    this.heedsNoStore = heedsNoStore;
    this.recordings = recordings;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    boolean stream = request.framing() == Framing.STREAM;
    InferenceRequest asked = stream ? request.with(Framing.STREAM, true) : request;
    Call call = new Call(request, key, clock.getAsLong());
    return next.respond(asked).map(answer -> record(call, answer));
  }

  private InferenceResponse record(Call call, InferenceResponse answer) {
    if (!answer.head().ok()) {
      observer.notStored(NotStored.REFUSED);
      return answer;
    }
    return answer instanceof Whole whole ? whole(call, whole) : stream(call, (Streamed) answer);
  }

  /** Why an answer of success is not stored whatever its body is, or null. */
  private NotStored refusal(Head head) {
    if (head.status() != OK) {
      return NotStored.REFUSED; // accepted, transformed or partial: not the answer itself
    }
    return heedsNoStore && head.forbidsStoring() ? NotStored.NO_STORE : null;
  }

  private Future<Entry> notStored(NotStored reason) {
    observer.notStored(reason);
    return Entry.none();
  }

  private Whole whole(Call call, Whole answer) {
    NotStored refusal = refusal(answer.head());
    if (refusal != null) {
      return answer.with(notStored(refusal));
    }
    return answer.with(
        answer.completeness().complete()
            ? Future.succeededFuture(
                call.entry(Framing.WHOLE, answer.head(), answer.body(), answer.tokens()))
            : notStored(NotStored.UNFINISHED));
  }

  private Streamed stream(Call call, Streamed answer) {
    InferenceRequest request = call.request;
    FrameFilter withoutUsage =
        request
            .language()
            .streams()
            .<FrameFilter>map(streams -> new WithoutUsage(streams, answer.check()))
            .orElse(FrameFilter.FULL);
    Recording recording = new Recording(answer.frames(), bound, withoutUsage, recordings);
    request.cancellation().onCancel(recording::cancelled);
    // A stream in the place of a document is no stream that usage was asked to be left out of.
    boolean usage = request.usage() || request.framing() == Framing.WHOLE;
    Frames frames =
        recording.unopened(usage ? FrameFilter.FULL : withoutUsage, request.cancellation());
    Future<Entry> entry =
        recording
            .recorded()
            .onFailure(cause -> observer.notStored(reason(cause)))
            .compose(body -> proven(call, answer, body));
    return new Streamed(answer.head(), frames, answer.check(), answer.provenance(), entry);
  }

  private Future<Entry> proven(Call call, Streamed answer, Buffer body) {
    NotStored refusal = refusal(answer.head());
    if (refusal != null || !answer.check().complete()) {
      return notStored(refusal != null ? refusal : NotStored.UNFINISHED);
    }
    Buffer stored = call.request().streams().storable(body);
    return Future.succeededFuture(
        call.entry(Framing.STREAM, answer.head(), stored, answer.tokens()));
  }

  /** The reason why a recording failed; without a failure of the call it is the size limit. */
  private static NotStored reason(Throwable cause) {
    if (!(cause instanceof Failure failure)) {
      return NotStored.TOO_LARGE;
    }
    if (failure.kind() == Failure.Kind.CANCELLED) {
      return NotStored.ABANDONED;
    }
    return failure.event() == null ? NotStored.BROKEN : NotStored.ERROR_EVENT;
  }

  /** A call whose answer may be stored, and its start time. */
  private record Call(InferenceRequest request, Shareable key, long begin) {
    Entry entry(Framing framing, Head head, Buffer body, Tokens tokens) {
      return new Entry(
          key.fingerprint(),
          framing,
          head.shared(),
          body,
          tokens,
          begin,
          request.model(),
          key.scope(),
          request.directives().policy().ttl(),
          key.namespace(),
          request.language().endpoint().label());
    }
  }

  /**
   * Leaves usage out that the reader did not request. When all choices have ended, each frame waits
   * for the next: what stands beside the usage there is given to the last frame.
   *
   * @param check of the stream that is recorded
   */
  private record WithoutUsage(Streams streams, CompletenessCheck check) implements FrameFilter {
    @Override
    public Optional<Frame> of(Frame frame) {
      return streams.withoutUsage(frame);
    }

    @Override
    public boolean isHeld() {
      return check.ended();
    }

    @Override
    public Frame before(Frame held, Frame next) {
      return streams.withMembersBesideUsage(held, next);
    }
  }
}
