package dev.refrain.flight;

import dev.refrain.flight.LoopHandoff.Loop;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.UpstreamTime;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeFrames;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/** One call to an upstream of random moods. Lives on the loop of the stage that makes it. */
final class StressCall {
  private static final int FILLING = 600;

  private final RandomCallers crowd;
  private final Loop loop;
  private final Fingerprint key;
  private final boolean shared;
  private final String name;
  private final Promise<InferenceResponse> answer = Promise.promise();
  private final FakeFrames frames = new FakeFrames();
  private final CompletenessCheck check = FakeRequest.STREAMS.check(1);
  private final int length = dice(8);
  private final boolean oversized = dice(8) == 0;
  private final Queue<StressCall> rivals = new ConcurrentLinkedQueue<>();
  private int sent;
  private long weight;

  // written on its loop, read anywhere
  private volatile boolean joinable = true;
  private volatile boolean over;

  private StressCall(RandomCallers crowd, Loop loop, InferenceRequest request) {
    this.crowd = crowd;
    this.loop = loop;
    this.key = ((Sharing.Shareable) request.sharing()).fingerprint();
    this.shared = !StressCaller.isOwn(request.cancellation());
    this.name = key.a() + ":" + crowd.number();
  }

  static Future<InferenceResponse> begin(
      RandomCallers crowd, Loop loop, InferenceRequest request, List<StressCall> calls) {
    crowd.onLoop(loop, "a call");
    StressCall call = new StressCall(crowd, loop, request);
    calls.forEach(call::meet);
    calls.add(call);
    request.cancellation().onCancel(call::cancelled);
    crowd.hop(loop, dice(6), () -> call.respond(request));
    return call.answer.future();
  }

  private static int dice(int sides) {
    return ThreadLocalRandom.current().nextInt(sides);
  }

  /** Equal calls begin for several requests only while none of them may be joined. */
  private void meet(StressCall other) {
    if (shared && other.shared && other.key.equals(key) && other.joinable) {
      other.rivals.add(this);
    }
  }

  // A rival is right only within the turn that closes this call, and that turn is over.
  private boolean goesOn() {
    crowd.onLoop(loop, "a turn of a call");
    if (joinable && !rivals.isEmpty()) {
      crowd.wrong("two calls at once that equal requests may join");
    }
    return !over;
  }

  boolean isOver() {
    return over;
  }

  private void close() {
    joinable = false;
    over = true;
  }

  private void cancelled() {
    crowd.onLoop(loop, "a cancellation");
    if (!over) {
      close();
      answer.tryFail(Failure.of(Failure.Kind.CANCELLED, "cancelled"));
    }
  }

  private void respond(InferenceRequest request) {
    if (!goesOn()) {
      return;
    }
    switch (dice(10)) {
      case 0 -> {
        close();
        answer.fail(Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, name));
      }
      case 1 -> whole(503, "no " + name);
      case 2 -> whole(200, name + " unfinished");
      case 3 -> {
        if (!crowd.isEndless()) {
          whole(200, name + " end");
        }
      }
      default -> {
        if (request.framing() == Framing.WHOLE) {
          whole(200, name + " end");
        } else {
          stream();
        }
      }
    }
  }

  private void whole(int status, String body) {
    close();
    Head head = new Head(status, HttpHeaders.headers());
    Whole document = FakeRequest.document(body);
    answer.complete(
        Whole.notStorable(head, document.body(), document.completeness(), UpstreamTime.NONE));
  }

  private void stream() {
    crowd.hop(loop, dice(4), this::next);
    answer.complete(Streamed.notStorable(FakeRequest.head("text/event-stream"), guarded(), check));
  }

  private void next() {
    if (!goesOn()) {
      return;
    }
    if (sent < length) {
      send(name + ":" + sent + ":" + (oversized ? "x".repeat(FILLING) : ""));
    } else if (crowd.isEndless() && dice(3) == 0) {
      return; // says no more, and does not end
    } else {
      end();
      return;
    }
    crowd.hop(loop, dice(3), this::next);
  }

  private void send(String text) {
    sent++;
    weigh(text);
    frames.offer(text);
  }

  private void weigh(String text) {
    weight += FakeFrames.data(text).length() + 64;
    joinable &= weight <= RandomCallers.BOUND;
  }

  private void end() {
    int how = dice(5);
    if (how == 0) {
      close();
      frames.fail(Failure.of(Failure.Kind.UPSTREAM_BROKEN, name));
    } else if (how == 1) {
      close();
      frames.end(); // unproven
    } else {
      check.add(FakeFrames.data("end"));
      send(name + ":" + sent + ":");
      close();
      frames.end();
    }
  }

  /** The frames, whose reader keeps to the rules. */
  private Frames guarded() {
    return new Frames() {
      @Override
      public void read(Reader reader) {
        crowd.onLoop(loop, "reading");
        frames.read(reader);
      }

      @Override
      public void pause() {
        crowd.onLoop(loop, "pausing");
        frames.pause();
      }

      @Override
      public void resume() {
        crowd.onLoop(loop, "resuming");
        frames.resume();
      }
    };
  }

  /** What it is called. */
  String name() {
    return name;
  }

  /** How many frames it sent, once it is over. */
  int sent() {
    return sent;
  }
}
