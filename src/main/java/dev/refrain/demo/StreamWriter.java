package dev.refrain.demo;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.List;

/**
 * Answers one call with events, one token each, at the pace of the simulation or of the client,
 * whichever is slower. Holds no more than one turn's events. Lives on one event loop.
 */
final class StreamWriter {
  /** What one turn writes at most before other connections have their turn. */
  private static final int TURN_BYTES = 16 * 1024;

  private final Call call;
  private final Question question;
  private final Mishap mishap;
  private final int stepsBeforeMishap;
  private final Choir choir;
  private final Answers answers;
  private final Pace pace;
  private long steps;
  private long cost;

  StreamWriter(Call call, Question question, Duration delay) {
    this.call = call;
    this.question = question;
    this.mishap = Mishap.of(question.model());
    this.stepsBeforeMishap = mishap.stepsBefore(question.maxTokens());
    this.choir = new Choir(question, call.number());
    this.answers = new Answers(question, call.number());
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
    while (!choir.done()
        && steps < stepsBeforeMishap
        && steps < pace.due()
        && out.length() < TURN_BYTES) {
      step(out);
    }
    if (choir.done()) {
      finish(out);
    } else if (steps >= stepsBeforeMishap) {
      fail(out);
    } else {
      pause(out);
    }
  }

  private void step(Buffer out) {
    List<Piece> pieces = choir.step();
    pieces.forEach(piece -> answers.appendEvent(piece, out));
    int tokens = (int) Answers.cost(pieces);
    call.bill().wrote(tokens);
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
    if (question.includeUsage()) {
      answers.appendUsage(cost, out);
    }
    end(out.appendBuffer(Answers.DONE));
  }

  private void fail(Buffer out) {
    switch (mishap.kind()) {
      case STREAM -> {
        Answers.append(Errors.simulated(), out);
        end(out);
      }
      case DONE -> end(out.appendBuffer(Answers.DONE));
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
}
