package dev.refrain;

import dev.refrain.binding.RedisBinding;
import dev.refrain.cache.redis.PurgeBoard;
import dev.refrain.flight.fleet.FleetPoller;
import dev.refrain.inference.Observer;
import dev.refrain.redis.RedisLink;
import dev.refrain.runtime.PurgeService;
import dev.refrain.upstream.HttpClients;
import dev.refrain.upstream.passthrough.PassThrough.Origin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The client connections of one event loop. They outlive configuration generations. Lives on that
 * loop.
 *
 * @param completions clients for inference calls
 * @param passing to clients for pass-through requests, separate so that a pool full of long
 *     downloads does not delay completions
 * @param redis if there is a second tier
 */
record Connections(HttpClients completions, HttpClients passing, Optional<Redis> redis) {

  /**
   * An event loop's connections to Redis.
   *
   * @param link for commands that are answered at once
   * @param listening for reading, which blocks
   * @param streams the reader of streams on {@code listening}
   */
  record Redis(RedisLink link, RedisLink listening, FleetPoller streams) {
    private Future<Void> tried(PurgeService purgeService) {
      return Future.all(link.tried(), listening.tried())
          .compose(done -> link.isUp() ? purgeService.known() : Future.succeededFuture());
    }

    private Future<Void> close() {
      return link.close().eventually(listening::close);
    }

    private static Redis open(Vertx vertx, ConfigGeneration generation, ProcessState process) {
      RedisBinding words = generation.redisBinding();
      RedisLink link = RedisLink.open(vertx, words.link(), process.redisLog(), process.observer());
      String prefix = generation.config().cache().redis().prefix();
      process
          .purgeService()
          .connect(
              () -> new PurgeBoard(vertx, link, prefix, process.purgeMarks(), process.clock()));
      process.keyLimits().connect(vertx, link, prefix);
      process
          .redisGauges()
          .bind(link::isUp, () -> link.breaker().label(), () -> process.clock().offset() / 1e3);
      RedisLink listening =
          RedisLink.open(vertx, words.listening(), process.redisLog(), aside(process.observer()));
      return new Redis(link, listening, new FleetPoller(vertx, listening));
    }

    /** Listener of a connection besides the one that determines whether Redis is up. */
    private static Observer aside(Observer observer) {
      return new Observer() {
        @Override
        public void redisReplied(String command, CommandOutcome commandOutcome) {
          observer.redisReplied(command, commandOutcome);
        }
      };
    }
  }

  /** Opened on the loop that calls this. */
  static Connections open(Vertx vertx, ConfigGeneration generation, ProcessState process) {
    return new Connections(
        HttpClients.ageing(vertx),
        HttpClients.lasting(vertx),
        Optional.of(generation)
            .filter(first -> first.config().cache().redis().enabled())
            .map(first -> Redis.open(vertx, first, process)));
  }

  /**
   * Completes when Redis was reached, or is known to be unreachable. A replica that accepts
   * requests earlier would not share them.
   */
  Future<Void> tried(PurgeService purgeService, Duration patience) {
    return redis
        .map(there -> there.tried(purgeService))
        .orElseGet(Future::succeededFuture)
        .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .otherwiseEmpty();
  }

  /**
   * Keeps the connections to the servers of this generation; the others close when their requests
   * end.
   */
  void keep(ConfigGeneration generation) {
    completions.keep(
        generation.servers().stream().map(server -> server.upstream().target()).toList());
    passing.keep(generation.origins().stream().map(Origin::target).toList());
  }

  /** Closes all, Redis first, so that interrupted calls are not published to other replicas. */
  Future<Void> close() {
    return redis
        .map(Redis::close)
        .orElseGet(Future::succeededFuture)
        .eventually(() -> Future.join(completions.close(), passing.close()));
  }
}
