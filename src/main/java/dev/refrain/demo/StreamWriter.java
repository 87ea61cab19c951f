package dev.refrain.demo;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Answers one call with events, one token each, at the pace of the simulation or of the client,
 * whichever is slower. Holds no more than one turn's events. Lives on one event loop.
 */
final class StreamWriter {
  /** Most bytes written in one turn, so that other connections are served. */
  private static final int TURN_BYTES = 16 * 1024;

  private final SimulatedCall call;
  private final SimulatedRequest request;
  private final InjectedFault injectedFault;
  private final int stepsBeforeMishap;
  private final ChoiceSet choiceSet;
  private final AnswerDocuments answerDocuments;
  private final Pace pace;
  private long steps;
  private long cost;

  StreamWriter(SimulatedCall call, SimulatedRequest request, Duration delay) {
    this.call = call;
    this.request = request;
    this.injectedFault = InjectedFault.of(request.model());
    this.stepsBeforeMishap = injectedFault.stepsBefore(request.maxTokens());
    this.choiceSet = new ChoiceSet(request, call.number());
    this.answerDocuments = new AnswerDocuments(request, call.number());
    this.pace = new Pace(delay);
  }

  void begin() {
    call.response()
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
    goOn();
  }

  private void goOn() {
    call.after(pace.millisUntil(steps + 1), this::turn);
  }

  private void turn() {
    Buffer out = Buffer.buffer();
    while (!choiceSet.done()
        && steps < stepsBeforeMishap
        && steps < pace.due()
        && out.length() < TURN_BYTES) {
      step(out);
    }
    if (choiceSet.done()) {
      finish(out);
    } else if (steps >= stepsBeforeMishap) {
      fail(out);
    } else {
      pause(out);
    }
  }

  private void step(Buffer out) {
    List<ChoiceChunk> choiceChunks = choiceSet.step();
    choiceChunks.forEach(choiceChunk -> answerDocuments.appendEvent(choiceChunk, out));
    int tokens = (int) AnswerDocuments.cost(choiceChunks);
    call.usageMeter().wrote(tokens);
    cost += tokens;
    steps++;
  }

  private void pause(Buffer out) {
    if (out.length() > 0) {
      call.response().write(out);
    }
    if (call.response().writeQueueFull()) {
      call.whenDrained(this::goOn);
    } else {
      goOn();
    }
  }

  private void finish(Buffer out) {
    if (request.includeUsage()) {
      answerDocuments.appendUsage(cost, out);
    }
    end(out.appendBuffer(AnswerDocuments.DONE));
  }

  private void fail(Buffer out) {
    switch (injectedFault.kind()) {
      case STREAM -> {
        AnswerDocuments.append(ApiErrors.simulated(), out);
        end(out);
      }
      case DONE -> end(out.appendBuffer(AnswerDocuments.DONE));
      case CUT -> cut(out);
      default -> call.response().write(out);
    }
  }

  private void end(Buffer out) {
    call.end();
    call.response().end(out);
  }

  private void cut(Buffer out) {
    call.end();
    call.response().write(out);
    call.response().reset();
  }

  /**
   * Delay between consecutive tokens. Counts from the beginning rather than from step to step, so
   * that delays below a timer's millisecond hold on average.
   */
  static final class Pace {
    private final long nanosPerStep;
    private final long began = System.nanoTime();

    Pace(Duration delay) {
      this.nanosPerStep = delay.toNanos();
    }

    /** How many steps should have been made by now. */
    long due() {
      return nanosPerStep == 0 ? Long.MAX_VALUE : (System.nanoTime() - began) / nanosPerStep;
    }

    /** Milliseconds until {@code step} is due, rounded up; 0 or less if it is. */
    long millisUntil(long step) {
      if (nanosPerStep == 0) {
        return 0;
      }
      long nanos = step * nanosPerStep - (System.nanoTime() - began);
      return TimeUnit.NANOSECONDS.toMillis(nanos + 999_999);
    }
  }
}
