package dev.refrain.demo;

import dev.refrain.demo.StreamWriter.Pace;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.List;

/** Answers one call with one document, after the time its tokens take. Lives on one event loop. */
final class PlainWriter {
  private final SimulatedCall call;
  private final InjectedFault.Kind mishap;
  private final List<ChoiceChunk> choiceChunks;
  private final Buffer body;
  private final Pace pace;

  PlainWriter(SimulatedCall call, SimulatedRequest request, Duration delay) {
    this.call = call;
    this.mishap = InjectedFault.of(request.model()).kind();
    this.choiceChunks = generate(request);
    this.body = new AnswerDocuments(request, call.number()).whole(choiceChunks);
    this.pace = new Pace(delay);
  }

  void begin() {
    call.onAbandoned(this::chargeWhatWasWritten);
    int steps = choiceChunks.stream().mapToInt(ChoiceChunk::cost).max().orElse(0);
    call.after(pace.millisUntil(steps), this::answer);
  }

  private List<ChoiceChunk> generate(SimulatedRequest request) {
    List<ChoiceChunk> sung = new ChoiceSet(request, call.number()).rest();
    return mishap == InjectedFault.Kind.DONE
        ? sung.stream().map(ChoiceChunk::unfinished).toList()
        : sung;
  }

  private void answer() {
    if (mishap == InjectedFault.Kind.STREAM) {
      call.end();
      ApiErrors.answer(call.response(), 500, ApiErrors.simulated());
      return;
    }
    call.onAbandoned(() -> {});
    call.usageMeter().wrote((int) AnswerDocuments.cost(choiceChunks));
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
    choiceChunks.forEach(
        choiceChunk -> call.usageMeter().wrote((int) Math.min(due, choiceChunk.cost())));
  }
}
