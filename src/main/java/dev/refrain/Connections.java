package dev.refrain;

import dev.refrain.cache.redis.PurgeBoard;
import dev.refrain.completion.Observer;
import dev.refrain.flight.fleet.StreamReader;
import dev.refrain.keys.fleet.Ledger;
import dev.refrain.redis.RedisLink;
import dev.refrain.upstream.Clients;
import dev.refrain.upstream.passthrough.Origin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one event loop, which outlast editions of the configuration. Lives on that
 * loop.
 *
 * @param completions to who answers
 * @param passing to who is passed what is none of ours: a pool full of long downloads shall not
 *     keep completions waiting
 * @param redis if there is a second tier
 */
record Connections(Clients completions, Clients passing, Optional<Redis> redis) {

  /**
   * An event loop's connections to Redis.
   *
   * @param link for commands that are answered at once
   * @param listening for reading, which blocks
   * @param streams who reads there
   */
  record Redis(RedisLink link, RedisLink listening, StreamReader streams) {
    private Future<Void> tried(Purges purges) {
      return Future.all(link.tried(), listening.tried())
          .compose(done -> link.isUp() ? purges.known() : Future.succeededFuture());
    }

    private Future<Void> close() {
      return link.close().eventually(listening::close);
    }

    private static Redis open(Vertx vertx, Edition edition, Shared shared) {
      RedisWords words = edition.redisWords();
      RedisLink link = RedisLink.open(vertx, words.link(), shared.redisLog(), shared.observer());
      String prefix = edition.config().cache().redis().prefix();
      shared.purges().connect(() -> new PurgeBoard(vertx, link, prefix, shared.epochs()));
      shared.accounts().connect(accounts -> new Ledger(vertx, link, prefix, accounts));
      shared.redisGauges().bind(link::isUp, () -> link.breaker().label());
      RedisLink listening =
          RedisLink.open(vertx, words.listening(), shared.redisLog(), aside(shared.observer()));
      return new Redis(link, listening, new StreamReader(vertx, listening));
    }

    /** What is heard of a connection beside the one that says whether Redis is there. */
    private static Observer aside(Observer observer) {
      return new Observer() {
        @Override
        public void redisReplied(String command, Reply reply) {
          observer.redisReplied(command, reply);
        }
      };
    }
  }

  /** Opened on the loop that calls this. */
  static Connections open(Vertx vertx, Edition edition, Shared shared) {
    return new Connections(
        Clients.ageing(vertx),
        Clients.lasting(vertx),
        Optional.of(edition)
            .filter(first -> first.config().cache().redis().enabled())
            .map(first -> Redis.open(vertx, first, shared)));
  }

  /**
   * Done when Redis was reached, or cannot be for now: who is sent requests before shares nothing.
   */
  Future<Void> tried(Purges purges, Duration patience) {
    return redis
        .map(there -> there.tried(purges))
        .orElseGet(Future::succeededFuture)
        .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .otherwiseEmpty();
  }

  /** Keeps those to the servers of this edition; the others end with what is under way. */
  void keep(Edition edition) {
    completions.keep(edition.servers().stream().map(server -> server.upstream().target()).toList());
    passing.keep(edition.origins().stream().map(Origin::target).toList());
  }

  /** Ends them all, Redis first: what breaks off then is not told to other replicas. */
  Future<Void> close() {
    return redis
        .map(Redis::close)
        .orElseGet(Future::succeededFuture)
        .eventually(() -> Future.join(completions.close(), passing.close()));
  }
}
