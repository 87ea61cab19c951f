package dev.refrain.flight.fleet;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Journey.Step;
import dev.refrain.completion.Language.Evidence;
import dev.refrain.completion.Live;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Observer.Fleet;
import dev.refrain.completion.Proof;
import dev.refrain.completion.Sharing;
import dev.refrain.completion.Streamed;
import dev.refrain.completion.Whole;
import dev.refrain.flight.Unheard;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Lets equal requests share one call wherever in the fleet they arrive: who gets the lease makes
 * the call and tells about it, the others follow. Whatever goes wrong in that leads to a call of
 * one's own.
 *
 * <p>What is not shared: {@code no-cache}, which asked for an answer of its own, {@code
 * only-if-cached}, which must not begin a call, and a key whose answer lately was not shareable.
 *
 * <p>Threads: made and used on one event loop, over two connections of that loop.
 */
public final class FleetCoalescer implements CompletionService {
  /** How often a call is agreed on before it is made without asking. */
  private static final int MOST_TRIES = 3;

  private final Vertx vertx;
  private final FleetSettings settings;
  private final Leases leases;
  private final StreamReader streams;
  private final Predicate<Fingerprint> unshareable;
  private final ToLongFunction<CompletionRequest> generation;
  private final BiFunction<LongSupplier, CompletionService, CompletionService> recorded;
  private final Observer observer;
  private final CompletionService next;
  private final Set<Relay> relays = new HashSet<>();

  /** A request on its way, and how often the fleet was asked about it. */
  private record Try(CompletionRequest request, Fingerprint fingerprint, int tries) {
    Try again(CompletionRequest other) {
      return new Try(other, fingerprint, tries + 1);
    }
  }

  /**
   * A stage for the event loop that calls this.
   *
   * @param link for commands; may be shared with other stages
   * @param streams for reading what others tell
   * @param unshareable keys for which nobody should wait
   * @param generation changes when a call begun before must not be followed any more, in all
   *     replicas to the same; 0 or more
   * @param recorded makes of a source of answers one whose streams can be joined and kept; the
   *     clock says when they were asked for
   */
  public FleetCoalescer(
      Vertx vertx,
      RedisLink link,
      StreamReader streams,
      FleetSettings settings,
      Predicate<Fingerprint> unshareable,
      ToLongFunction<CompletionRequest> generation,
      BiFunction<LongSupplier, CompletionService, CompletionService> recorded,
      Observer observer,
      CompletionService next) {
    this.vertx = vertx;
    this.settings = settings;
    this.leases = new Leases(link, settings);
    this.streams = streams;
    this.unshareable = unshareable;
    this.generation = generation;
    this.recorded = recorded;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    if (!(request.sharing() instanceof Sharing.Shareable shareable)
        || request.directives().noCache()
        || request.directives().onlyIfCached()
        || unshareable.test(shareable.fingerprint())) {
      return next.complete(request);
    }
    return agree(new Try(request, shareable.fingerprint(), 0));
  }

  /** Tells the followers that this replica goes; done soon. */
  public Future<Void> close() {
    List<Relay> open = List.copyOf(relays);
    open.forEach(Relay::abandon);
    return Future.join(open.stream().map(Relay::done).toList()).mapEmpty();
  }

  private Future<Completion> agree(Try attempt) {
    if (attempt.tries() == MOST_TRIES) {
      return open(attempt);
    }
    long now = generation.applyAsLong(attempt.request());
    Voyage voyage = Voyage.led(settings.prefix(), attempt.fingerprint(), now);
    return leases
        .claim(voyage)
        .transform((holder, cause) -> decide(attempt, voyage, holder, cause));
  }

  private Future<Completion> decide(
      Try attempt, Voyage voyage, Optional<String> holder, Throwable cause) {
    if (cause instanceof TimeoutException) {
      // Redis may have given us the lease after all, and then others wait for what we tell.
      observer.fleet(Fleet.FAILED_OPEN);
      return lead(attempt.request(), voyage);
    }
    if (cause != null || !holder.map(Voyage::isToken).orElse(true)) {
      return open(attempt);
    }
    if (holder.isPresent()) {
      return follow(attempt, voyage.ledBy(holder.get()));
    }
    observer.fleet(attempt.tries() == 0 ? Fleet.LED : Fleet.TOOK_OVER);
    return lead(attempt.request(), voyage);
  }

  private Future<Completion> open(Try attempt) {
    observer.fleet(Fleet.FAILED_OPEN);
    return next.complete(attempt.request());
  }

  private Future<Completion> lead(CompletionRequest request, Voyage voyage) {
    Relay relay = new Relay(vertx, voyage, leases, settings);
    relays.add(relay);
    relay.done().onComplete(done -> relays.remove(relay));
    request.cancellation().onCancel(relay::abandon);
    return next.complete(request).onSuccess(relay::answered).onFailure(relay::failed);
  }

  private Future<Completion> follow(Try attempt, Voyage voyage) {
    attempt.request().journey().step(Step.FOLLOWED);
    Follower follower =
        new Follower(vertx, voyage, leases, streams.lane(voyage.stream()), settings);
    attempt.request().cancellation().onCancel(follower::leave);
    return follower.follow().compose(first -> begun(attempt, follower, first));
  }

  private Future<Completion> begun(Try attempt, Follower follower, Item first) {
    CompletionRequest request = attempt.request();
    if (first instanceof Item.Abandoned) {
      return agree(attempt.again(request));
    }
    if (first instanceof Item.Withdrawn) {
      return next.complete(request);
    }
    observer.fleet(Fleet.FOLLOWED);
    return first instanceof Item.Whole whole
        ? whole(request, follower, whole)
        : stream(attempt, follower, (Item.Begin) first);
  }

  private Future<Completion> whole(CompletionRequest request, Follower follower, Item.Whole told) {
    Proof proof = request.language().proof(told.body(), request.elements());
    Whole answer = new Whole(told.head(), told.body(), proof, follower.provenance(), Entry.none());
    if (!answer.head().ok()) {
      return Future.succeededFuture(answer);
    }
    return recorded
        .apply(follower::askedAt, asked -> Future.succeededFuture(answer))
        .complete(request)
        .compose(completion -> render(request, follower, completion.entry()));
  }

  private Future<Completion> stream(Try attempt, Follower follower, Item.Begin told) {
    CompletionRequest request = attempt.request();
    Evidence evidence = request.language().evidence(request.elements());
    Continuation frames =
        new Continuation(
            request,
            follower,
            evidence,
            (anew, withdrawn) -> withdrawn ? next.complete(anew) : agree(attempt.again(anew)));
    Streamed source =
        new Streamed(told.head(), frames, Live.NONE, evidence, follower.provenance(), Entry.none());
    return recorded
        .apply(follower::askedAt, asked -> Future.succeededFuture(source))
        .complete(request)
        .map(completion -> kept((Streamed) completion, frames))
        .compose(streamed -> framed(request, follower, streamed, frames));
  }

  private static Streamed kept(Streamed answer, Continuation frames) {
    return new Streamed(
        answer.head(),
        answer.frames(),
        answer.live(),
        answer.evidence(),
        answer.provenance(),
        answer.entry().compose(frames::entry));
  }

  /** The stream itself, or for a plain caller what it comes to. */
  private Future<Completion> framed(
      CompletionRequest request, Follower follower, Streamed answer, Continuation frames) {
    if (request.framing() == Framing.STREAM) {
      return Future.succeededFuture(answer);
    }
    answer.frames().read(new Unheard());
    Future<Entry> entry =
        answer
            .entry()
            .recover(cause -> frames.isTorn() ? Entry.none() : Future.failedFuture(cause));
    return render(request, follower, entry);
  }

  /** The answer from its entry; who cannot be answered from it goes alone. */
  private Future<Completion> render(
      CompletionRequest request, Follower follower, Future<Entry> entry) {
    return entry.transform(
        (kept, cause) -> {
          if (cause instanceof Failure) {
            return Future.failedFuture(cause);
          }
          return Optional.ofNullable(kept)
              .flatMap(whole -> whole.answer(request, follower.provenance()))
              .map(Future::succeededFuture)
              .orElseGet(() -> next.complete(request));
        });
  }
}
