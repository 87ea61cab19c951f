package dev.refrain.demo;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.List;

/** Answers one call with one document, after the time its tokens take. Lives on one event loop. */
final class PlainWriter {
  private final Call call;
  private final Mishap.Kind mishap;
  private final List<Piece> pieces;
  private final Buffer body;
  private final Pace pace;

  PlainWriter(Call call, Question question, Duration delay) {
    this.call = call;
    this.mishap = Mishap.of(question.model()).kind();
    this.pieces = sing(question);
    this.body = new Answers(question, call.number()).whole(pieces);
    this.pace = new Pace(delay);
  }

  void begin() {
    call.onAbandoned(this::chargeWhatWasWritten);
    int steps = pieces.stream().mapToInt(Piece::cost).max().orElse(0);
    call.after(pace.millisUntil(steps), this::answer);
  }

  private List<Piece> sing(Question question) {
    List<Piece> sung = new Choir(question, call.number()).rest();
    return mishap == Mishap.Kind.DONE ? sung.stream().map(Piece::unfinished).toList() : sung;
  }

  private void answer() {
    if (mishap == Mishap.Kind.STREAM) {
      call.end();
      Errors.answer(call.response(), 500, Errors.simulated());
      return;
    }
    call.onAbandoned(() -> {});
    call.bill().wrote((int) Answers.cost(pieces));
    call.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    switch (mishap) {
      case CUT -> cut();
      case STALL -> writeHalf();
      default -> send();
    }
  }

  private void send() {
    call.end();
    call.response().end(body);
  }

  private void cut() {
    call.end();
    writeHalf();
    call.response().reset();
  }

  private void writeHalf() {
    call.response()
        .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
        .write(body.slice(0, body.length() / 2));
  }

  private void chargeWhatWasWritten() {
    long due = pace.due();
    pieces.forEach(piece -> call.bill().wrote((int) Math.min(due, piece.cost())));
  }
}
