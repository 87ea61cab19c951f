package dev.refrain.samples;

import dev.refrain.inference.Sample;
import dev.refrain.inference.SampleNumbers;
import dev.refrain.inference.Sharing.Unnumbered;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Numbers the requests of runs, together with other replicas where there is Redis: one counter
 * there for all that are equal, and one command for each request. If Redis does not answer in time,
 * the process counts on from what it knows.
 *
 * <p>The command says how far this process has come, so that a Redis that has lost the counter does
 * not begin anew.
 *
 * <p>Slots are counted by each process alone.
 *
 * <p>Threads: made and used on one event loop, over that loop's connection.
 */
public final class RunNumbers implements SampleNumbers {
  // A value that is no number counts as none.
  private static final String TAKE =
      """
      local next = tonumber(redis.call('get', KEYS[1]) or 0) or 0
      next = math.max(next, tonumber(ARGV[1]))
      redis.call('set', KEYS[1], string.format('%.0f', next + ARGV[2]), 'px', ARGV[3])
      return next\
      """;

  private final SampleCounters counters;
  private final RedisLink link;
  private final String prefix;
  private final long budget;
  private final long idle;

  /**
   * Counts in this process alone.
   *
   * @param counters of the process
   */
  public RunNumbers(SampleCounters counters) {
    this(counters, null, "", Duration.ZERO, Duration.ZERO);
  }

  /**
   * Counts together with other replicas.
   *
   * @param prefix what keys begin with
   * @param timeout the longest a request waits for its number
   * @param idle how long Redis keeps a counter that is not used
   */
  public RunNumbers(
      SampleCounters counters, RedisLink link, String prefix, Duration timeout, Duration idle) {
    this.counters = counters;
    this.link = link;
    this.prefix = prefix;
    this.budget = timeout.toMillis();
    this.idle = idle.toMillis();
  }

  @Override
  public Future<Optional<Sample>> next(Unnumbered asked) {
    if (asked.slots() > 0) {
      return Future.succeededFuture(Optional.of(new Sample(counters.slot(asked), false)));
    }
    OptionalLong unused = counters.unused(asked);
    if (unused.isPresent()) {
      return Future.succeededFuture(Optional.of(new Sample(unused.getAsLong(), false)));
    }
    if (link == null) {
      return Future.succeededFuture(here(asked, false));
    }
    String key = prefix + ":1:run:{" + asked.counter() + "}";
    Request take =
        Request.cmd(Command.EVAL)
            .arg(TAKE)
            .arg(1)
            .arg(key)
            .arg(counters.seen(asked))
            .arg(asked.choices())
            .arg(idle);
    return link.send(key, take, budget)
        .map(reply -> together(asked, reply))
        .otherwise(down -> here(asked, true));
  }

  private Optional<Sample> together(Unnumbered asked, Response reply) {
    long first = reply.toLong();
    return counters.take(asked, first) ? Optional.of(new Sample(first, false)) : here(asked, true);
  }

  private Optional<Sample> here(Unnumbered asked, boolean local) {
    OptionalLong next = local ? counters.alone(asked) : counters.next(asked);
    return next.isPresent() ? Optional.of(new Sample(next.getAsLong(), local)) : Optional.empty();
  }

  @Override
  public void giveBack(Unnumbered asked, Sample unused) {
    counters.giveBack(asked, unused.first());
  }
}
