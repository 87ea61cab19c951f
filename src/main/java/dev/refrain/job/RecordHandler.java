package dev.refrain.job;

import dev.refrain.cassette.Cassette;
import dev.refrain.cassette.Exchange;
import dev.refrain.cassette.RecordedAnswer;
import dev.refrain.cassette.RecordedRequest;
import dev.refrain.cassette.RequestForms;
import dev.refrain.cassette.SampleOrder;
import dev.refrain.inference.Failure;
import dev.refrain.inference.RequestListener;
import dev.refrain.job.ReplayHandler.Pace;
import dev.refrain.upstream.passthrough.PassThrough;
import dev.refrain.upstream.passthrough.Tap;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Passes the requests of a job to the upstream as they are, and records what was answered. What a
 * cassette holds already is played from it, and the upstream is not asked for it.
 *
 * <p>Lives on one event loop.
 */
public final class RecordHandler implements Handler<HttpServerRequest> {
  private final Vertx vertx;
  private final RequestForms forms;
  private final PassThrough upstream;
  private final String apiKey;
  private final Cassette before;
  private final JobTally tally;
  private final RecordLimits limits;
  private final Set<RecordTap> open = new LinkedHashSet<>();
  private final List<SampleOrder.Observed> observed = new ArrayList<>();
  private Promise<Void> idle;

  /**
   * A handler.
   *
   * @param apiKey sent upstream in the place of the callers', or null
   * @param before what was recorded before; empty to record everything
   * @param say writes a line for people
   */
  public RecordHandler(
      Vertx vertx,
      RequestForms forms,
      PassThrough upstream,
      String apiKey,
      Cassette before,
      RecordLimits limits,
      Pricing pricing,
      Consumer<String> say) {
    this.vertx = vertx;
    this.forms = forms;
    this.upstream = upstream;
    this.apiKey = apiKey;
    this.before = before;
    this.limits = limits;
    this.tally = new JobTally(pricing, say);
  }

  @Override
  public void handle(HttpServerRequest request) {
    tally.requested();
    request.headers().remove(HttpHeaders.ACCEPT_ENCODING); // so that people can read the answer
    if (request.headers().contains(HttpHeaders.UPGRADE, "websocket", true)) {
      tally.notRecordable(named(request), "a WebSocket");
      pass(request, request, Tap.NONE);
    } else if (before.exchanges().isEmpty()) {
      record(request, request);
    } else {
      BodyInAdvance.read(
          request,
          limits.exchange(),
          (body, whole) -> {
            Optional<Exchange> found =
                whole
                    ? before.next(Secrets.of(request).form(forms, request, body.bytes()))
                    : Optional.empty();
            if (found.isPresent()) {
              tally.replayed(found.get(), false);
              AnswerPlayer.play(vertx, request, found.get().answer(), Pace.NONE);
            } else {
              record(request, body);
            }
          });
    }
  }

  private static String named(HttpServerRequest request) {
    return request.method() + " " + request.path();
  }

  private void record(HttpServerRequest request, ReadStream<Buffer> body) {
    RecordTap tap = new RecordTap(request, Secrets.of(request).and(apiKey), limits);
    open.add(tap);
    pass(request, body, tap)
        .onComplete(
            done -> {
              if (open.remove(tap)) {
                keep(tap, done.cause());
              }
              if (open.isEmpty() && idle != null) {
                idle.tryComplete();
              }
            });
  }

  private Future<Void> pass(HttpServerRequest request, ReadStream<Buffer> body, Tap tap) {
    return upstream
        .apply(request, RequestListener.NONE, body, tap)
        .onFailure(cause -> JobServer.refuse(request, Failure.from(cause)));
  }

  private void keep(RecordTap tap, Throwable failure) {
    HttpServerRequest request = tap.exchange();
    Secrets secrets = tap.secrets();
    if (tap.isOver()) {
      tally.notRecordable(named(request), tap.overWhat());
    } else if (!tap.isAnswered()) {
      tally.unanswered(named(request), failure == null ? "" : Failure.from(failure).getMessage());
    } else if (!request.isEnded()) {
      tally.notRecordable(named(request), "answered before all of its body was sent");
    } else {
      byte[] sent = tap.request();
      byte[] received = tap.answer();
      byte[] clean = secrets.removedFrom(received);
      if (clean != received || secrets.removedFrom(sent) != sent) {
        tally.credentialRemoved();
      }
      RecordedRequest form = secrets.form(forms, request, sent);
      RecordedAnswer answer =
          RecordedAnswer.of(tap.status(), tap.headers(), clean, failure != null, tap.arrivals());
      tally.recorded(form, answer);
      observed.add(new SampleOrder.Observed(form, answer, tap.began(), System.nanoTime()));
    }
  }

  /**
   * Ends the recording: waits for answers that clients have left, and takes what is still open then
   * as broken off.
   *
   * @return all exchanges, those recorded before included
   */
  public Future<List<Exchange>> finish(Duration patience) {
    idle = Promise.promise();
    if (open.isEmpty()) {
      idle.complete();
    }
    long timer = vertx.setTimer(patience.toMillis(), id -> idle.tryComplete());
    return idle.future()
        .map(
            v -> {
              vertx.cancelTimer(timer);
              Failure ended = Failure.of(Failure.Kind.CANCELLED, "the job ended first");
              List.copyOf(open).forEach(tap -> keep(tap, ended));
              open.clear();
              List<Exchange> all = new ArrayList<>(before.exchanges());
              all.addAll(SampleOrder.number(observed, before::samples));
              return all;
            });
  }

  /** What became of the requests so far. */
  public JobReport report() {
    return tally.report(before.unused());
  }
}
