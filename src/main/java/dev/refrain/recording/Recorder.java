package dev.refrain.recording;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Frames;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Head;
import dev.refrain.completion.Live;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Observer.Unkept;
import dev.refrain.completion.Sharing;
import dev.refrain.completion.Streamed;
import dev.refrain.completion.Tokens;
import dev.refrain.completion.Whole;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.function.LongSupplier;

/**
 * Turns answers that may be shared into entries: a whole one at once, a stream by recording it. A
 * call that may be kept asks for its usage, whether the caller did or not, so that one entry can
 * answer both.
 */
public final class Recorder implements CompletionService {
  private final int bound;
  private final LongSupplier clock;
  private final Recordings recordings;
  private final Observer observer;
  private final CompletionService next;

  /**
   * A stage.
   *
   * @param bound most bytes of one recording; what is longer is neither kept nor joined
   * @param clock milliseconds of the epoch; says when a call begins
   * @param recordings those of the process
   * @param observer hears why an answer is not kept
   */
  public Recorder(
      int bound,
      LongSupplier clock,
      Recordings recordings,
      Observer observer,
      CompletionService next) {
    this.bound = bound;
    this.clock = clock;
    this.recordings = recordings;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    if (!(request.sharing() instanceof Sharing.Shareable shareable)) {
      return next.complete(request);
    }
    boolean stream = request.framing() == Framing.STREAM;
    CompletionRequest asked = stream ? request.with(Framing.STREAM, true) : request;
    Call call = new Call(request, shareable, clock.getAsLong());
    return next.complete(asked).map(answer -> record(call, answer));
  }

  private Completion record(Call call, Completion answer) {
    if (!answer.head().ok()) {
      observer.notKept(Unkept.REFUSED);
      return answer;
    }
    return answer instanceof Whole whole ? whole(call, whole) : stream(call, (Streamed) answer);
  }

  private Whole whole(Call call, Whole answer) {
    return answer.with(
        answer.proof().complete()
            ? Future.succeededFuture(
                call.entry(Framing.WHOLE, answer.head(), answer.body(), answer.tokens()))
            : unfinished());
  }

  private Streamed stream(Call call, Streamed answer) {
    CompletionRequest request = call.request;
    Recording recording = new Recording(answer.frames(), bound, recordings);
    request.cancellation().onCancel(recording::cancelled);
    Live live = (usage, reader) -> recording.open(view(request, usage), reader);
    Frames frames = recording.unopened(view(request, request.usage()), request.cancellation());
    Future<Entry> entry =
        recording
            .recorded()
            .onFailure(cause -> observer.notKept(unkept(cause)))
            .compose(body -> proven(call, answer, body));
    return new Streamed(answer.head(), frames, live, answer.evidence(), answer.provenance(), entry);
  }

  private Future<Entry> proven(Call call, Streamed answer, Buffer body) {
    return answer.evidence().complete()
        ? Future.succeededFuture(call.entry(Framing.STREAM, answer.head(), body, answer.tokens()))
        : unfinished();
  }

  private Future<Entry> unfinished() {
    observer.notKept(Unkept.UNFINISHED);
    return Entry.none();
  }

  /** What a recording that failed says, which without a failure of the call is: too large. */
  private static Unkept unkept(Throwable cause) {
    if (!(cause instanceof Failure failure)) {
      return Unkept.TOO_LARGE;
    }
    if (failure.kind() == Failure.Kind.CANCELLED) {
      return Unkept.ABANDONED;
    }
    return failure.event() == null ? Unkept.BROKEN : Unkept.ERROR_EVENT;
  }

  private static View view(CompletionRequest request, boolean usage) {
    return usage ? View.FULL : request.language()::withoutUsage;
  }

  /** A call whose answer may be kept, and when it began. */
  private record Call(CompletionRequest request, Sharing.Shareable sharing, long begin) {
    Entry entry(Framing framing, Head head, Buffer body, Tokens tokens) {
      return new Entry(
          sharing.fingerprint(),
          framing,
          head.shared(),
          body,
          tokens,
          begin,
          request.model(),
          sharing.scope());
    }
  }
}
