package dev.refrain.fanout;

import dev.refrain.fanout.WholeCollector.AnsweredPart;
import dev.refrain.inference.Completeness;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Part;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.RequestListener.Step;
import dev.refrain.inference.Split;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Tokens;
import dev.refrain.inference.Whole;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Splits requests into parts and merges their answers. Each part goes on as a request of its own,
 * so that it is looked up, shared and kept alone, and only what is missing is requested.
 *
 * <p>A request that goes upstream as it came is first looked for part by part among what is kept.
 */
public final class FanOut implements InferenceService {
  private static final CharSequence PAID = HttpHeaders.createOptimized("x-refrain-upstream-tokens");

  private final Vertx vertx;
  private final FanOutSettings settings;
  private final Observer observer;
  private final Predicate<Entry> stored;
  private final InferenceService next;

  /**
   * A stage for the event loop it is used on.
   *
   * @param stored whether an entry is stored; one that is too large or purged meanwhile is not
   */
  public FanOut(
      Vertx vertx,
      FanOutSettings settings,
      Observer observer,
      Predicate<Entry> stored,
      InferenceService next) {
    this.vertx = vertx;
    this.settings = settings;
    this.observer = observer;
    this.stored = stored;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request) {
    Split split = request.split();
    if (split == Split.NONE) {
      return next.respond(request);
    }
    if (!split.asOne()) {
      return merged(request, part -> next.respond(part.part().request()));
    }
    return request.directives().noCache()
        ? next.respond(request)
        : kept(request).recover(missing -> missed(request, missing));
  }

  private Future<InferenceResponse> missed(InferenceRequest request, Throwable missing) {
    return request.cancellation().isCancelled()
        ? Future.failedFuture(missing)
        : next.respond(request);
  }

  private Future<InferenceResponse> merged(
      InferenceRequest request, Function<RunningPart, Future<InferenceResponse>> ask) {
    observer.divided(request.split().parts());
    request.listener().step(Step.DIVIDED);
    return request.framing() == Framing.STREAM
        ? new StreamMerger(vertx, settings, observer, request, ask).answer()
        : collector(request, part -> document(part, ask), all -> whole(request, all)).answer();
  }

  private Future<InferenceResponse> document(
      RunningPart part, Function<RunningPart, Future<InferenceResponse>> ask) {
    return ask.apply(part)
        .compose(answer -> FoldedStream.of(part.part().request(), answer, settings.maxAnswer()));
  }

  private WholeCollector collector(
      InferenceRequest request,
      Function<RunningPart, Future<InferenceResponse>> ask,
      Function<List<AnsweredPart>, Future<InferenceResponse>> make) {
    return new WholeCollector(vertx, settings, observer, request, ask, make);
  }

  /** The answer made of kept ones, or of such as are on their way; fails if one is missing. */
  private Future<InferenceResponse> kept(InferenceRequest request) {
    Promise<Void> lost = Promise.promise();
    WholeCollector parts =
        collector(
            request,
            part -> joined(part, lost),
            all -> merged(request, part -> again(all.get(part.number()), part)));
    lost.future().onFailure(cause -> parts.giveUp(missing("a part cannot be stored")));
    return parts.answer();
  }

  // A stream past the bound of its recording waits for its slowest reader, and this one reads
  // nothing before all parts are there: another's call would wait, and the part that it delays.
  private Future<InferenceResponse> joined(RunningPart part, Promise<Void> lost) {
    Context home = Vertx.currentContext();
    return next.respond(onlyIfCached(part.part().request()))
        .compose(FanOut::good)
        .onSuccess(
            answer -> {
              if (answer instanceof Streamed) {
                answer.entry().onFailure(cause -> here(home, () -> lost.tryFail(cause)));
              }
            });
  }

  private static InferenceRequest onlyIfCached(InferenceRequest request) {
    return request.with(request.directives().cachedOnly());
  }

  private static Future<InferenceResponse> good(InferenceResponse answer) {
    return answer.head().ok()
        ? Future.succeededFuture(answer)
        : Future.failedFuture(missing("a part was refused"));
  }

  // The call may be on another event loop.
  private static void here(Context home, Runnable action) {
    if (home == null || home == Vertx.currentContext()) {
      action.run();
    } else {
      home.runOnContext(v -> action.run());
    }
  }

  private static Failure missing(String why) {
    return Failure.of(Failure.Kind.NOT_CACHED, why);
  }

  private static Future<InferenceResponse> again(AnsweredPart answeredPart, RunningPart part) {
    part.cancellation().onCancel(answeredPart.part().cancellation()::cancel);
    return Future.succeededFuture(answeredPart.response());
  }

  private Future<InferenceResponse> whole(InferenceRequest request, List<AnsweredPart> all) {
    CostSum costs = new CostSum(observer);
    all.forEach(one -> costs.add(one.part().part(), one.response()));
    Provenance from = from(all);
    Head head = head(all, costs.tokens());
    Completeness completeness = new Completeness(false, costs.usage());
    List<Part.Answer> answers = all.stream().map(FanOut::answer).toList();
    long bytes = answers.stream().mapToLong(answer -> answer.body().length()).sum();
    return LargeDocuments.read(
        vertx,
        bytes,
        () ->
            request
                .language()
                .merge(answers)
                .map(body -> new Whole(head, body, completeness, from, Entry.none()))
                .orElseThrow(FanOut::strange));
  }

  private Provenance from(List<AnsweredPart> all) {
    List<InferenceResponse> answers = all.stream().map(AnsweredPart::response).toList();
    Provenance from =
        Provenance.of(answers.stream().map(InferenceResponse::provenance).toList(), all.size());
    return answers.stream().allMatch(this::isStored) ? from.stored() : from;
  }

  private boolean isStored(InferenceResponse answer) {
    return answer.entry().succeeded() && stored.test(answer.entry().result());
  }

  private static Part.Answer answer(AnsweredPart one) {
    if (one.response() instanceof Whole whole) {
      return new Part.Answer(one.part().part(), whole.body());
    }
    throw strange();
  }

  private static Head head(List<AnsweredPart> all, Tokens paid) {
    Head head = all.get(0).response().head().merged();
    if (all.stream().anyMatch(one -> one.response().head().headers().contains(Head.USAGE))) {
      head.headers().set(Head.USAGE, Head.APPORTIONED);
    }
    if (paid.known()) {
      head.headers().set(PAID, Long.toString(paid.total()));
    }
    return head;
  }

  private static Failure strange() {
    String message = "the upstream's answers to the parts of the request cannot be merged";
    return Failure.of(Failure.Kind.UPSTREAM_BROKEN, message);
  }
}
