package dev.refrain.fanout;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Frames;
import dev.refrain.completion.Head;
import dev.refrain.completion.Language.Merger;
import dev.refrain.completion.Live;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Part;
import dev.refrain.completion.Provenance;
import dev.refrain.completion.Streamed;
import dev.refrain.completion.Whole;
import dev.refrain.openai.ErrorBody;
import dev.refrain.sse.Replay;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The streams of all parts as one: frames follow each other as they come. It answers with its head
 * as soon as one part has one: the others may be waiting for the very room that this one takes at
 * the upstream. Lives on one event loop.
 *
 * <p>Back-pressure: while the reader holds it back, every part is held back; then they go on in
 * turn, each time beginning with another.
 */
final class Chorus implements Frames, Turns.Listener {
  private final CompletionRequest request;
  private final Merger merger;
  private final Bill bill;
  private final Turns turns;
  private final Refusal refusal;
  private final Consumer<Frame> say = this::say;
  private final Promise<Completion> answer = Promise.promise();

  // Those that sing, and where the ones come from that have answered so far.
  private final List<Voice> voices = new ArrayList<>();
  private final List<Provenance> known = new ArrayList<>();
  private int first;

  // What a frame became beyond the one at which the reader said stop.
  private final Queue<Frame> held = new ArrayDeque<>();
  private Reader reader;
  private boolean beginning;
  private boolean paused;
  private boolean sung;
  private Failure failure;
  private boolean over;

  Chorus(
      Vertx vertx,
      FanOutSettings settings,
      Observer observer,
      CompletionRequest request,
      Function<Turn, Future<Completion>> ask) {
    this.request = request;
    this.merger = request.language().merger(request.usage());
    this.bill = new Bill(observer);
    this.turns = new Turns(vertx, settings, observer, request, ask, this);
    this.refusal = new Refusal(vertx, settings.patience(), turns, this::refuse);
    request.cancellation().onCancel(this::left);
  }

  /** Begins. What is answered at once is known before the head is given. Called once. */
  Future<Completion> answer() {
    beginning = true;
    turns.begin();
    beginning = false;
    open();
    return answer.future();
  }

  @Override
  public void heard(Turn turn, AsyncResult<Completion> result) {
    if (result.failed()) {
      fail(Failure.from(result.cause()));
    } else if (!result.result().head().ok()) {
      refused(turn, (Whole) result.result());
    } else if (refusal.begun()) {
      turn.cancellation().cancel();
      refusal.ended(turn);
    } else {
      join(turn, result.result());
    }
  }

  private void join(Turn turn, Completion completion) {
    try {
      Completion song = completion instanceof Whole whole ? events(turn, whole) : completion;
      known.add(song.provenance());
      Voice voice = new Voice(new Answered(turn, song), frames(song), this);
      voices.add(voice);
      open();
      if (reader != null && !paused && voices.contains(voice)) {
        voice.resume();
      }
    } catch (Failure noStream) {
      fail(noStream);
    }
  }

  private static Frames frames(Completion song) {
    return song instanceof Streamed stream ? stream.frames() : new Replay(((Whole) song).body());
  }

  // Some servers answer with a document whatever they are asked for.
  private static Whole events(Turn turn, Whole answer) {
    if (answer.head().isEventStream()) {
      return answer;
    }
    Part part = turn.part();
    return part.request()
        .language()
        .unfold(new Part.Answer(part, answer.body()))
        .map(events -> answer.with(answer.head().with(Head.EVENT_STREAM), events))
        .orElseThrow(Chorus::noStream);
  }

  private static Failure noStream() {
    String message = "the upstream answered with what is no stream, nor a document of its choices";
    return Failure.of(Failure.Kind.UPSTREAM_BROKEN, message);
  }

  private void open() {
    if (beginning || closed() || refusal.begun() || voices.isEmpty() || opened()) {
      return;
    }
    answer.complete(
        new Streamed(
            voices.get(0).completion().head().merged(),
            this,
            Live.NONE,
            bill,
            Provenance.of(known, request.division().parts()),
            Entry.none()));
  }

  private boolean opened() {
    return answer.future().isComplete();
  }

  private void refused(Turn turn, Whole refused) {
    if (opened()) {
      fail(ErrorBody.refused(refused.head().status(), refused.body()));
    } else {
      refusal.add(turn, refused);
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
    paused = true;
    voices.forEach(Voice::pause);
  }

  @Override
  public void resume() {
    paused = false;
    release();
    if (over || sung || failure != null) {
      conclude();
      return;
    }
    List<Voice> order = new ArrayList<>(voices);
    Collections.rotate(order, -first++ % Math.max(1, order.size()));
    for (Voice voice : order) {
      if (paused || closed()) {
        return;
      }
      voice.resume();
    }
  }

  private void release() {
    while (!paused && !over && !held.isEmpty()) {
      reader.frame(held.remove());
    }
  }

  void frame(Voice voice, Frame frame) {
    if (closed()) {
      return;
    }
    try {
      merger.frame(voice.part(), frame, say);
    } catch (RuntimeException notUnderstood) {
      fail(Failure.from(notUnderstood));
    }
  }

  private void say(Frame frame) {
    if (paused) {
      held.add(frame);
    } else if (!over) {
      reader.frame(frame);
    }
  }

  void end(Voice voice) {
    if (closed()) {
      return;
    }
    voices.remove(voice);
    bill.add(voice.part(), voice.completion());
    turns.done(voice.turn());
    if (turns.over() && !sung && !closed()) {
      sung = true;
      merger.usage().ifPresent(say);
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
    turns.cancel();
    voices.clear();
    if (!answer.tryFail(why)) {
      conclude();
    }
  }

  private void conclude() {
    if (over || paused || reader == null) {
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
    voices.clear();
    held.clear();
  }

  private boolean closed() {
    return over || failure != null;
  }
}
