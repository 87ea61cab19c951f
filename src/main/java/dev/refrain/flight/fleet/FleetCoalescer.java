package dev.refrain.flight.fleet;

import dev.refrain.flight.DrainReader;
import dev.refrain.inference.Completeness;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.FleetOutcome;
import dev.refrain.inference.RequestListener.Step;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.ToLongBiFunction;

/**
 * Lets equal requests of all replicas share one call. The replica that acquires the lease makes the
 * call and publishes it, and the others follow. Whatever goes wrong in that leads to a call of
 * one's own.
 *
 * <p>What is not shared: {@code no-cache}, which asked for an answer of its own, {@code
 * only-if-cached}, which must not begin a call, a key whose answer lately was not shareable, and
 * the parts of a large batch, each of which would cost a lease.
 *
 * <p>Threads: made and used on one event loop, over two connections of that loop.
 */
public final class FleetCoalescer implements SharedService {
  /** How often a call is agreed on before it is made without asking. */
  private static final int MOST_TRIES = 3;

  /** Parts of a batch up to which each is agreed on. */
  private static final int MOST_PARTS = 64;

  private final Vertx vertx;
  private final FleetSettings settings;
  private final Leases leases;
  private final FleetPoller streams;
  private final Predicate<Fingerprint> unshareable;
  private final ToLongBiFunction<InferenceRequest, Shareable> generation;
  private final BiFunction<LongSupplier, InferenceService, SharedService> recorded;
  private final LongSupplier clock;
  private final Observer observer;
  private final SharedService next;
  private final Set<FleetPublisher> fleetPublishers = new HashSet<>();

  /** A request in progress, and the number of attempts to agree with the fleet on it. */
  private record Try(InferenceRequest request, Shareable key, int tries) {
    Try again(InferenceRequest other) {
      return new Try(other, key, tries + 1);
    }
  }

  /**
   * A stage for the event loop that calls this.
   *
   * @param link for commands; may be shared with other stages
   * @param streams for reading what other replicas publish
   * @param unshareable keys whose requests must not wait for each other
   * @param generation changes when a call begun before must not be followed any more, in all
   *     replicas to the same; 0 or more
   * @param clock milliseconds of the epoch, as all replicas count them
   * @param recorded makes of a source of answers one whose streams can be joined and kept; the
   *     clock says when they were requested
   */
  public FleetCoalescer(
      Vertx vertx,
      RedisLink link,
      FleetPoller streams,
      FleetSettings settings,
      Predicate<Fingerprint> unshareable,
      ToLongBiFunction<InferenceRequest, Shareable> generation,
      LongSupplier clock,
      BiFunction<LongSupplier, InferenceService, SharedService> recorded,
      Observer observer,
      SharedService next) {
    this.vertx = vertx;
    this.settings = settings;
    this.leases = new Leases(link, settings);
    this.streams = streams;
    this.unshareable = unshareable;
    this.generation = generation;
    this.clock = clock;
    this.recorded = recorded;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    if (request.directives().noCache()
        || request.directives().onlyIfCached()
        || request.content().siblings() > MOST_PARTS
        || unshareable.test(key.fingerprint())) {
      return next.respond(request, key);
    }
    return agree(new Try(request, key, 0));
  }

  /** Notifies the followers that this replica stops. Completes soon. */
  public Future<Void> close() {
    List<FleetPublisher> open = List.copyOf(fleetPublishers);
    open.forEach(FleetPublisher::abandon);
    return Future.join(open.stream().map(FleetPublisher::done).toList()).mapEmpty();
  }

  private Future<InferenceResponse> agree(Try attempt) {
    if (attempt.tries() == MOST_TRIES) {
      return open(attempt);
    }
    long last = generation.applyAsLong(attempt.request(), attempt.key());
    FleetFlight flight =
        FleetFlight.led(settings.prefix(), attempt.key().fingerprint(), last, clock.getAsLong());
    return leases
        .claim(flight)
        .transform((holder, cause) -> decide(attempt, flight, holder, cause));
  }

  private Future<InferenceResponse> decide(
      Try attempt, FleetFlight flight, Optional<String> holder, Throwable cause) {
    if (cause instanceof TimeoutException) {
      // Redis may have granted the lease nevertheless, and then other replicas wait for this one
      // to publish.
      observer.fleet(FleetOutcome.FAILED_OPEN);
      return lead(attempt, flight);
    }
    if (cause != null || !holder.map(FleetFlight::isToken).orElse(true)) {
      return open(attempt);
    }
    if (holder.isPresent()) {
      return follow(attempt, flight.ledBy(holder.get()));
    }
    observer.fleet(attempt.tries() == 0 ? FleetOutcome.LED : FleetOutcome.TOOK_OVER);
    return lead(attempt, flight);
  }

  private Future<InferenceResponse> open(Try attempt) {
    observer.fleet(FleetOutcome.FAILED_OPEN);
    return next.respond(attempt.request(), attempt.key());
  }

  private Future<InferenceResponse> lead(Try attempt, FleetFlight flight) {
    FleetPublisher fleetPublisher = new FleetPublisher(vertx, flight, leases, settings);
    fleetPublishers.add(fleetPublisher);
    fleetPublisher.done().onComplete(done -> fleetPublishers.remove(fleetPublisher));
    attempt.request().cancellation().onCancel(fleetPublisher::abandon);
    InferenceRequest request = attempt.request();
    return next.respond(request.with(fleetPublisher.listener(request.listener())), attempt.key())
        .onSuccess(fleetPublisher::answered)
        .onFailure(fleetPublisher::failed);
  }

  private Future<InferenceResponse> follow(Try attempt, FleetFlight flight) {
    attempt.request().listener().step(Step.FOLLOWED);
    Follower follower =
        new Follower(
            vertx,
            flight,
            leases,
            streams.slotPoller(flight.stream()),
            settings,
            attempt.request().listener());
    attempt.request().cancellation().onCancel(follower::leave);
    return follower.follow().compose(first -> begun(attempt, follower, first));
  }

  private Future<InferenceResponse> begun(Try attempt, Follower follower, FleetMessage first) {
    InferenceRequest request = attempt.request();
    if (first instanceof FleetMessage.Abandoned) {
      return agree(attempt.again(request));
    }
    if (first instanceof FleetMessage.Withdrawn) {
      return next.respond(request, attempt.key());
    }
    observer.fleet(FleetOutcome.FOLLOWED);
    return first instanceof FleetMessage.Whole whole
        ? whole(attempt, follower, whole)
        : stream(attempt, follower, (FleetMessage.Begin) first);
  }

  private Future<InferenceResponse> whole(
      Try attempt, Follower follower, FleetMessage.Whole message) {
    InferenceRequest request = attempt.request();
    Completeness completeness = request.language().completeness(message.body(), request.elements());
    Whole answer =
        new Whole(
            message.head(), message.body(), completeness, follower.provenance(), Entry.none());
    if (!answer.head().ok()) {
      return Future.succeededFuture(answer);
    }
    return recorded
        .apply(
            () -> Math.min(follower.askedAt(), clock.getAsLong()),
            asked -> Future.succeededFuture(answer))
        .respond(request, attempt.key())
        .compose(response -> render(attempt, follower, response.entry()));
  }

  private Future<InferenceResponse> stream(
      Try attempt, Follower follower, FleetMessage.Begin message) {
    InferenceRequest request = attempt.request();
    CompletenessCheck check = request.streams().check(request.elements());
    ResumingStream frames =
        new ResumingStream(
            request,
            follower,
            check,
            (anew, withdrawn) ->
                withdrawn ? next.respond(anew, attempt.key()) : agree(attempt.again(anew)));
    Streamed source =
        new Streamed(message.head(), frames, check, follower.provenance(), Entry.none());
    return recorded
        .apply(
            () -> Math.min(follower.askedAt(), clock.getAsLong()),
            asked -> Future.succeededFuture(source))
        .respond(request, attempt.key())
        .map(response -> kept((Streamed) response, frames))
        .compose(streamed -> framed(attempt, follower, streamed, frames));
  }

  private static Streamed kept(Streamed answer, ResumingStream frames) {
    return answer.with(answer.entry().compose(frames::entry));
  }

  /** The stream itself, or for a plain caller what it comes to. */
  private Future<InferenceResponse> framed(
      Try attempt, Follower follower, Streamed answer, ResumingStream frames) {
    if (attempt.request().framing() == Framing.STREAM) {
      return Future.succeededFuture(answer);
    }
    answer.frames().read(new DrainReader());
    Future<Entry> entry =
        answer
            .entry()
            .recover(cause -> frames.hasDiverged() ? Entry.none() : Future.failedFuture(cause));
    return render(attempt, follower, entry);
  }

  /** The answer from its entry; a request that it cannot answer makes its own call. */
  private Future<InferenceResponse> render(Try attempt, Follower follower, Future<Entry> entry) {
    return entry.transform(
        (kept, cause) -> {
          if (cause instanceof Failure) {
            return Future.failedFuture(cause);
          }
          return Optional.ofNullable(kept)
              .flatMap(whole -> whole.answer(attempt.request(), follower.provenance()))
              .map(Future::succeededFuture)
              .orElseGet(() -> next.respond(attempt.request(), attempt.key()));
        });
  }

  /**
   * Bounds of sharing across replicas.
   *
   * @param prefix what keys begin with
   * @param timeout the longest a request waits to learn whether it leads or follows
   * @param lease how long a leader counts as alive after its last sign; all replicas agree on it
   * @param patience the longest one call is followed
   * @param bound maximum published bytes of one call; longer answers are not shared
   */
  public record FleetSettings(
      String prefix, Duration timeout, Duration lease, Duration patience, int bound) {}
}
