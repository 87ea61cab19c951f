package dev.refrain.flight;

import dev.refrain.flight.LoopHandoff.Loop;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Directives;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeRequest;
import java.util.Collections;
import java.util.Random;
import java.util.Set;
import java.util.WeakHashMap;

/** One caller of random moods, who notes what it must not be told. Lives on its own loop. */
final class StressCaller implements Frames.Reader {
  private static final Set<Cancellation> OWN =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private final RandomCallers crowd;
  private final Loop home;
  private final InferenceService stage;
  private final long key;
  private final Random random;
  private final InferenceRequest request;
  private final boolean leaves;
  private final int patience;

  private Frames frames;
  private Streamed streamed;
  private String call;
  private int next;
  private boolean answered;
  private boolean paused;
  private boolean over;

  StressCaller(
      RandomCallers crowd,
      Loop home,
      InferenceService stage,
      long key,
      Framing framing,
      long seed) {
    this.crowd = crowd;
    this.home = home;
    this.stage = stage;
    this.key = key;
    this.random = new Random(seed);
    this.leaves = random.nextInt(3) == 0;
    this.patience = random.nextInt(20);
    this.request = FakeRequest.shareable(key, framing, random.nextBoolean(), Directives.NONE);
    OWN.add(request.cancellation());
  }

  /** Whether it is the cancellation of one caller alone. */
  static boolean isOwn(Cancellation cancellation) {
    return OWN.contains(cancellation);
  }

  Loop home() {
    return home;
  }

  void ask() {
    stage.respond(request).onComplete(this::answered);
    if (leaves) {
      crowd.hop(home, patience, this::leave);
    }
  }

  /** Leaves, if it has not got everything. */
  void leave() {
    if (!over) {
      over = true;
      crowd.outcome();
      request.cancellation().cancel();
    }
  }

  private void answered(InferenceResponse response, Throwable cause) {
    crowd.onLoop(home, "an answer");
    if (answered) {
      crowd.wrong("answered twice");
    }
    answered = true;
    if (over) {
      return;
    }
    if (cause != null) {
      failed(cause);
    } else if (response instanceof Whole whole) {
      whole(whole);
    } else {
      streamed = (Streamed) response;
      frames = streamed.frames();
      // Within the turn, as the door does; only that keeps a place that nobody has taken yet.
      frames.read(this);
    }
  }

  private void failed(Throwable cause) {
    if (!(cause instanceof Failure failure)
        || failure.kind() != Failure.Kind.UPSTREAM_TIMEOUT
            && failure.kind() != Failure.Kind.UPSTREAM_BROKEN) {
      crowd.wrong("failed by " + cause);
    }
    finish();
  }

  private void whole(Whole whole) {
    String body = whole.body().toString();
    if (!body.contains(key + ":")) {
      crowd.wrong("an answer to another question: " + body);
    }
    finish();
  }

  @Override
  public void frame(Frame frame) {
    hears("a frame");
    String[] parts = frame.text().split(":", -1);
    String from = parts[0] + ":" + parts[1];
    if (call == null) {
      call = from;
    }
    if (!call.equals(from) || !parts[0].equals("" + key) || Integer.parseInt(parts[2]) != next) {
      crowd.wrong("frame " + frame.text() + " instead of " + next + " of " + call);
    }
    next++;
    mood();
  }

  private void mood() {
    switch (random.nextInt(10)) {
      case 0, 1 -> {
        paused = true;
        frames.pause();
        crowd.hop(home, random.nextInt(10), this::resume);
      }
      case 2 -> {
        frames.pause();
        frames.resume();
      }
      case 3 -> {
        if (leaves) {
          leave();
        }
      }
      default -> {}
    }
  }

  private void resume() {
    paused = false;
    if (!over) {
      frames.resume();
    }
  }

  private void hears(String what) {
    crowd.onLoop(home, what);
    if (over || paused) {
      crowd.wrong(what + " after " + (over ? "the end" : "a pause"));
    }
  }

  @Override
  public void end() {
    hears("an end");
    if (!streamed.entry().isComplete()) {
      crowd.wrong("an end before it is decided what is kept");
    }
    for (StressCall one : crowd.calls()) {
      if (one.name().equals(call) && one.sent() != next) {
        crowd.wrong("an end after " + next + " of " + one.sent() + " frames");
      }
    }
    finish();
  }

  @Override
  public void fail(Failure failure) {
    hears("a failure");
    failed(failure);
  }

  private void finish() {
    over = true;
    crowd.outcome();
  }
}
