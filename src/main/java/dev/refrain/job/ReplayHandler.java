package dev.refrain.job;

import dev.refrain.cassette.Cassette;
import dev.refrain.cassette.Exchange;
import dev.refrain.cassette.RecordedRequest;
import dev.refrain.cassette.RequestForms;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Answers the requests of a job from a cassette alone. An equal request beyond the last sample gets
 * that once more; a request without a recording gets 404 with the nearest one.
 *
 * <p>Lives on one event loop.
 */
public final class ReplayHandler implements Handler<HttpServerRequest> {
  private static final String CODE = "not_recorded";

  private final Vertx vertx;
  private final RequestForms forms;
  private final Cassette cassette;
  private final Pace pace;
  private final long largest;
  private final JobTally tally;

  /**
   * A handler.
   *
   * @param largest bytes that the body of a request may have
   * @param say writes a line for people
   */
  public ReplayHandler(
      Vertx vertx,
      RequestForms forms,
      Cassette cassette,
      Pace pace,
      long largest,
      Pricing pricing,
      Consumer<String> say) {
    this.vertx = vertx;
    this.forms = forms;
    this.cassette = cassette;
    this.pace = pace;
    this.largest = largest;
    this.tally = new JobTally(pricing, say);
  }

  @Override
  public void handle(HttpServerRequest request) {
    tally.requested();
    request.exceptionHandler(left -> {});
    request.response().exceptionHandler(left -> {});
    BodyInAdvance.read(
        request,
        largest,
        (body, whole) -> {
          if (whole) {
            answer(request, Secrets.of(request).form(forms, request, body.bytes()));
          } else {
            request.resume();
            tally.notRecorded(missing(request.method() + " " + request.path()));
            JobServer.refuse(request, Failure.of(Kind.TOO_LARGE, "a body that is not recorded"));
          }
        });
  }

  private static JobReport.Missing missing(String request) {
    return new JobReport.Missing(request, 0, List.of());
  }

  private void answer(HttpServerRequest request, RecordedRequest asked) {
    Optional<Exchange> next = cassette.next(asked);
    Optional<Exchange> found = next.isPresent() ? next : cassette.last(asked);
    if (found.isPresent()) {
      tally.replayed(found.get(), next.isEmpty());
      AnswerPlayer.play(vertx, request, found.get().answer(), pace);
    } else {
      refuse(request, asked);
    }
  }

  private void refuse(HttpServerRequest request, RecordedRequest asked) {
    JobReport.Missing missing =
        cassette
            .nearest(asked)
            .map(
                near ->
                    new JobReport.Missing(asked.toString(), near.exchange().line(), near.fields()))
            .orElseGet(() -> missing(asked.toString()));
    tally.notRecorded(missing);
    List<String> fields = missing.fields();
    JsonObject error =
        new JsonObject()
            .put("message", "not recorded: " + missing.text())
            .put("type", "invalid_request_error")
            .put("param", fields.size() == 1 ? fields.get(0) : null)
            .put("code", CODE);
    if (missing.line() > 0) {
      error.put(
          "nearest",
          new JsonObject().put("line", missing.line()).put("differs", new JsonArray(fields)));
    }
    request
        .response()
        .setStatusCode(Kind.NOT_FOUND.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(new JsonObject().put("error", error).toBuffer());
  }

  /** What became of the requests so far. */
  public JobReport report() {
    return tally.report(cassette.unused());
  }

  /** How fast recorded answers are played. */
  public enum Pace {
    /** At once. */
    NONE,
    /** As they came when they were recorded, where that is known. */
    RECORDED
  }
}
