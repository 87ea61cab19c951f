package dev.refrain.job;

import dev.refrain.cassette.RecordedAnswer;
import dev.refrain.job.ReplayHandler.Pace;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/**
 * Gives one request a recorded answer: the same bytes, a stream event by event, and where the
 * upstream broke off the same end. Lives on one event loop.
 */
final class AnswerPlayer {
  private final Vertx vertx;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final RecordedAnswer answer;
  private final List<Long> millis;
  private final long began;
  private int written = -1; // pieces; the head comes first

  private AnswerPlayer(
      Vertx vertx, HttpServerRequest request, RecordedAnswer answer, List<Long> millis) {
    this.vertx = vertx;
    this.request = request;
    this.response = request.response();
    this.answer = answer;
    this.millis = millis;
    this.began = System.nanoTime();
  }

  /** Begins to answer. */
  static void play(Vertx vertx, HttpServerRequest request, RecordedAnswer answer, Pace pace) {
    new AnswerPlayer(vertx, request, answer, pace == Pace.RECORDED ? answer.millis() : List.of())
        .go();
  }

  private void go() {
    while (!response.closed() && written < answer.pieces().size()) {
      long wait = millis.isEmpty() ? 0 : millis.get(written + 1) - elapsed();
      if (wait > 0) {
        vertx.setTimer(wait, id -> go());
        return;
      }
      write();
    }
    if (!response.closed()) {
      end();
    }
  }

  private long elapsed() {
    return (System.nanoTime() - began) / 1_000_000;
  }

  private void write() {
    if (written++ < 0) {
      head();
    } else {
      response.write(Buffer.buffer(answer.pieces().get(written - 1)));
    }
  }

  private void head() {
    response.setStatusCode(answer.status());
    answer.headers().forEach(response::putHeader);
    boolean bodiless =
        request.method() == HttpMethod.HEAD || answer.status() == 204 || answer.status() == 304;
    if (!bodiless && !answer.stream() && !answer.cut()) {
      response.putHeader("content-length", Integer.toString(answer.body().length));
    } else if (!bodiless) {
      response.setChunked(true).writeHead();
    }
  }

  // Without the end of its framing, by which a client knows that there is more (RFC 9112 §8).
  private void end() {
    if (answer.cut()) {
      response.write(Buffer.buffer()).onComplete(done -> request.connection().close());
    } else {
      response.end();
    }
  }
}
