package dev.refrain.fanout;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Directives;
import dev.refrain.completion.Division;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Head;
import dev.refrain.completion.Journey.Step;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Part;
import dev.refrain.completion.Proof;
import dev.refrain.completion.Provenance;
import dev.refrain.completion.Tokens;
import dev.refrain.completion.Whole;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.function.Function;

/**
 * Takes requests apart and puts their answers together. Each part goes on as a request of its own,
 * so that it is looked up, shared and kept alone, and only what is missing is asked for.
 *
 * <p>A request that goes upstream as it came is first looked for part by part among what is kept.
 */
public final class FanOut implements CompletionService {
  private static final CharSequence PAID = HttpHeaders.createOptimized("x-refrain-upstream-tokens");

  private final Vertx vertx;
  private final FanOutSettings settings;
  private final Observer observer;
  private final CompletionService next;

  /** A stage for the event loop it is used on. */
  public FanOut(Vertx vertx, FanOutSettings settings, Observer observer, CompletionService next) {
    this.vertx = vertx;
    this.settings = settings;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    Division division = request.division();
    if (division == Division.NONE) {
      return next.complete(request);
    }
    if (!division.asOne()) {
      return merged(request, turn -> next.complete(turn.part().request()));
    }
    return request.directives().noCache()
        ? next.complete(request)
        : kept(request).recover(missing -> missed(request, missing));
  }

  private Future<Completion> missed(CompletionRequest request, Throwable missing) {
    return request.cancellation().isCancelled()
        ? Future.failedFuture(missing)
        : next.complete(request);
  }

  private Future<Completion> merged(
      CompletionRequest request, Function<Turn, Future<Completion>> ask) {
    observer.divided(request.division().parts());
    request.journey().step(Step.DIVIDED);
    return request.framing() == Framing.STREAM
        ? new Chorus(vertx, settings, observer, request, ask).answer()
        : gathered(request, ask, all -> whole(request, all));
  }

  private Future<Completion> gathered(
      CompletionRequest request,
      Function<Turn, Future<Completion>> ask,
      Function<List<Answered>, Future<Completion>> make) {
    return new Gathering(vertx, settings, observer, request, ask, make).answer();
  }

  /** The answer made of kept ones, or of such as are on their way; fails if one is missing. */
  private Future<Completion> kept(CompletionRequest request) {
    return gathered(
        request,
        turn -> next.complete(onlyIfCached(turn.part().request())).compose(FanOut::good),
        all -> merged(request, turn -> again(all.get(turn.number()), turn)));
  }

  private static CompletionRequest onlyIfCached(CompletionRequest request) {
    Directives said = request.directives();
    return request.with(new Directives(said.noCache(), said.maxAge(), true));
  }

  private static Future<Completion> good(Completion answer) {
    return answer.head().ok()
        ? Future.succeededFuture(answer)
        : Future.failedFuture(Failure.of(Failure.Kind.NOT_CACHED, "a part was refused"));
  }

  private static Future<Completion> again(Answered answered, Turn turn) {
    turn.cancellation().onCancel(answered.turn().cancellation()::cancel);
    return Future.succeededFuture(answered.completion());
  }

  private Future<Completion> whole(CompletionRequest request, List<Answered> all) {
    Bill bill = new Bill(observer);
    all.forEach(one -> bill.add(one.turn().part(), one.completion()));
    Provenance from = from(all);
    Head head = head(all, bill.tokens());
    Proof proof = new Proof(false, bill.usage());
    return request
        .language()
        .merge(all.stream().map(FanOut::answer).toList())
        .map(body -> new Whole(head, body, proof, from, Entry.none()))
        .<Future<Completion>>map(Future::succeededFuture)
        .orElseGet(() -> Future.failedFuture(strange()));
  }

  private static Provenance from(List<Answered> all) {
    List<Completion> answers = all.stream().map(Answered::completion).toList();
    Provenance from =
        Provenance.of(answers.stream().map(Completion::provenance).toList(), all.size());
    return answers.stream().allMatch(one -> one.entry().succeeded()) ? from.stored() : from;
  }

  private static Part.Answer answer(Answered one) {
    if (one.completion() instanceof Whole whole) {
      return new Part.Answer(one.turn().part(), whole.body());
    }
    throw strange();
  }

  private static Head head(List<Answered> all, Tokens paid) {
    Head head = all.get(0).completion().head().merged();
    if (all.stream().anyMatch(one -> one.completion().head().headers().contains(Head.USAGE))) {
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
