package dev.refrain.fanout;

import dev.refrain.fanout.WholeCollector.AnsweredPart;
import dev.refrain.inference.Delivery;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Language.Merger;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Part;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import dev.refrain.sse.ErrorBody;
import dev.refrain.sse.Replay;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.function.Function;

/**
 * Merges the streams of all parts into one. Frames are forwarded in the order of their arrival. It
 * answers with its head as soon as one part has one: the others may be waiting for the very room
 * that this one takes at the upstream. Lives on one event loop.
 *
 * <p>Back-pressure: while the reader holds it back, every part is held back; then they go on in
 * turn, each time beginning with another.
 */
final class StreamMerger implements Frames, PartScheduler.Listener {
  private final InferenceRequest request;
  private final Merger merger;
  private final CostSum costs;
  private final PartScheduler scheduler;
  private final PartError partError;
  private final Promise<InferenceResponse> answer = Promise.promise();

  // The streams in progress, and the provenance of the parts answered so far.
  private final List<PartStream> streams = new ArrayList<>();
  private final List<Provenance> known = new ArrayList<>();
  private int first;

  // What a frame becomes, beginning with the one at which the reader said stop. Copies are made as
  // they are read.
  private final Queue<Iterator<Frame>> pending = new ArrayDeque<>();
  private Reader reader;
  private boolean beginning;
  private final Delivery delivery = new Delivery(this::deliver, this::defect);
  private boolean delivered;
  private Failure failure;
  private boolean over;

  StreamMerger(
      Vertx vertx,
      FanOutSettings settings,
      Observer observer,
      InferenceRequest request,
      Function<RunningPart, Future<InferenceResponse>> ask) {
    this.request = request;
    this.merger =
        request.streams().merger(request.usage(), request.content().asksContinuousUsage());
    this.costs = new CostSum(observer);
    this.scheduler = new PartScheduler(vertx, settings, observer, request, ask, this);
    this.partError = new PartError(vertx, settings.patience(), scheduler, this::refuse);
    request.cancellation().onCancel(this::left);
  }

  /** Begins. Parts answered at once are counted before the head is sent. Called once. */
  Future<InferenceResponse> answer() {
    beginning = true;
    scheduler.begin();
    beginning = false;
    open();
    return answer.future();
  }

  @Override
  public void received(RunningPart part, AsyncResult<InferenceResponse> result) {
    if (result.failed()) {
      fail(Failure.from(result.cause()));
    } else if (PartError.is(result.result())) {
      refused(part, (Whole) result.result());
    } else if (partError.begun()) {
      part.cancellation().cancel();
      partError.ended(part);
    } else {
      join(part, result.result());
    }
  }

  private void join(RunningPart part, InferenceResponse response) {
    try {
      InferenceResponse song = response instanceof Whole whole ? events(part, whole) : response;
      known.add(song.provenance());
      PartStream partStream = new PartStream(new AnsweredPart(part, song), frames(song), this);
      streams.add(partStream);
      open();
      if (reader != null && !delivery.isPaused() && streams.contains(partStream)) {
        partStream.resume();
      }
    } catch (Failure noStream) {
      fail(noStream);
    }
  }

  private static Frames frames(InferenceResponse song) {
    return song instanceof Streamed stream ? stream.frames() : new Replay(((Whole) song).body());
  }

  // Some servers answer a request for a stream with a document.
  private static Whole events(RunningPart turn, Whole answer) {
    if (answer.head().isEventStream()) {
      return answer;
    }
    Part part = turn.part();
    return part.request()
        .streams()
        .unfold(new Part.Answer(part, answer.body()))
        .map(events -> answer.with(answer.head().with(Head.EVENT_STREAM), events))
        .orElseThrow(StreamMerger::noStream);
  }

  private static Failure noStream() {
    String message = "the upstream answered with what is no stream, nor a document of its choices";
    return Failure.of(Failure.Kind.UPSTREAM_BROKEN, message);
  }

  private void open() {
    if (beginning || closed() || partError.begun() || streams.isEmpty() || opened()) {
      return;
    }
    answer.complete(
        new Streamed(
            streams.get(0).response().head().merged(),
            this,
            costs,
            Provenance.of(known, request.split().parts()),
            Entry.none()));
  }

  private boolean opened() {
    return answer.future().isComplete();
  }

  private void refused(RunningPart part, Whole refused) {
    if (opened()) {
      fail(ErrorBody.refused(refused.head().status(), refused.body()));
    } else {
      partError.add(part, refused);
    }
  }

  private void refuse(Whole refused) {
    over = true;
    answer.tryComplete(refused);
  }

  @Override
  public void read(Reader to) {
    reader = to;
    resume();
  }

  @Override
  public void pause() {
    delivery.pause();
    streams.forEach(PartStream::pause);
  }

  @Override
  public void resume() {
    delivery.resume();
    if (over || delivered || failure != null) {
      conclude();
      return;
    }
    List<PartStream> order = new ArrayList<>(streams);
    Collections.rotate(order, -first++ % Math.max(1, order.size()));
    for (PartStream partStream : order) {
      if (delivery.isPaused() || closed()) {
        return;
      }
      partStream.resume();
    }
  }

  private boolean deliver() {
    while (!over && !pending.isEmpty()) {
      Iterator<Frame> next = pending.element();
      if (next.hasNext()) {
        reader.frame(next.next());
        return true;
      }
      pending.remove();
    }
    return false;
  }

  private boolean defect(Failure why) {
    if (over) {
      return false;
    }
    pending.clear();
    fail(why);
    conclude(); // where it had failed before, and only its last frames were missing
    return true;
  }

  void frame(PartStream partStream, Frame frame) {
    if (closed()) {
      return;
    }
    try {
      emit(merger.frames(partStream.part(), frame));
    } catch (RuntimeException notUnderstood) {
      fail(Failure.from(notUnderstood));
    }
  }

  private void emit(Iterator<Frame> frames) {
    pending.add(frames);
    delivery.advance();
  }

  void end(PartStream partStream) {
    if (closed()) {
      return;
    }
    streams.remove(partStream);
    costs.add(partStream.part(), partStream.response());
    scheduler.done(partStream.turn());
    if (scheduler.over() && !delivered && !closed()) {
      delivered = true;
      merger.usage().ifPresent(usage -> emit(List.of(usage).iterator()));
      conclude();
    }
  }

  // One part broke off, and with it the whole.
  @Override
  public void fail(Failure why) {
    if (closed()) {
      return;
    }
    failure = why;
    scheduler.cancel();
    streams.clear();
    if (!answer.tryFail(why)) {
      conclude();
    }
  }

  private void conclude() {
    if (over || delivery.isPaused() || reader == null) {
      return;
    }
    over = true;
    if (failure == null) {
      reader.end();
    } else {
      reader.fail(failure);
    }
  }

  private void left() {
    over = true;
    streams.clear();
    pending.clear();
  }

  private boolean closed() {
    return over || failure != null;
  }
}
