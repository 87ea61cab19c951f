package dev.refrain.flight.fleet;

import dev.refrain.redis.RedisLink;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Polls the followed calls of one slot with one command at a time. Between two commands there is a
 * pause in which items gather, so that busy streams cost a bounded number of commands. Without
 * followers it sends no command.
 *
 * <p>Where there is but one part, the command blocks: only briefly, so that it soon asks for what
 * was added meanwhile. Where others go over the same connection it may not hold them up; then the
 * pause grows while nothing comes.
 */
final class SlotPoller {
  private static final long BLOCK = 50;
  private static final long LONGEST_PAUSE = 40;
  private static final long RETRY = 100;
  private static final long PATIENCE = 1_000;
  private static final int MOST_ITEMS = 64;

  private final Vertx vertx;
  private final RedisLink link;
  private final LongSupplier gather;
  private final Runnable deserted;
  private final Map<String, List<Follower>> followers = new LinkedHashMap<>();
  private boolean reading;
  private long lastRead;
  private long begun;
  private long answered;
  private long pause;

  /**
   * A lane without followers, for the event loop that calls this.
   *
   * @param gather the least pause between two commands, in milliseconds
   * @param deserted is run when there are no followers any more
   */
  SlotPoller(Vertx vertx, RedisLink link, LongSupplier gather, Runnable deserted) {
    this.vertx = vertx;
    this.link = link;
    this.gather = gather;
    this.deserted = deserted;
  }

  void add(Follower follower) {
    followers.computeIfAbsent(follower.stream(), key -> new ArrayList<>(1)).add(follower);
    wake();
  }

  void remove(Follower follower) {
    List<Follower> same = followers.get(follower.stream());
    if (same != null && same.remove(follower) && same.isEmpty()) {
      followers.remove(follower.stream());
    }
    if (!reading && followers.isEmpty()) {
      deserted.run();
    }
  }

  /** Resumes polling if it had stopped. */
  void wake() {
    if (!reading) {
      lastRead = System.nanoTime();
      read();
    }
  }

  /** When Redis last answered, or the first read began, by {@link System#nanoTime}. */
  long lastRead() {
    return lastRead;
  }

  /** The number of reads so far. */
  long begun() {
    return begun;
  }

  /** The latest asking that Redis has answered, counted from 1. */
  long answered() {
    return answered;
  }

  private void read() {
    Map<String, Long> wanted = wanted();
    reading = !wanted.isEmpty();
    if (reading) {
      long number = ++begun;
      link.send(wanted.keySet().iterator().next(), command(wanted), BLOCK + PATIENCE)
          .onComplete((streams, cause) -> got(number, streams, cause));
    } else if (followers.isEmpty()) {
      deserted.run();
    }
  }

  /** The followed streams, and the last message read of each. */
  private Map<String, Long> wanted() {
    Map<String, Long> wanted = new LinkedHashMap<>();
    followers.forEach(
        (stream, same) ->
            same.stream()
                .filter(Follower::isListening)
                .mapToLong(Follower::position)
                .min()
                .ifPresent(position -> wanted.put(stream, position)));
    return wanted;
  }

  private Request command(Map<String, Long> wanted) {
    Request read = Request.cmd(Command.XREAD).arg("COUNT").arg(MOST_ITEMS);
    if (link.isSingle()) {
      read.arg("BLOCK").arg(BLOCK);
    }
    read.arg("STREAMS");
    wanted.keySet().forEach(read::arg);
    wanted.values().forEach(position -> read.arg(position + "-0"));
    return read;
  }

  private void got(long number, Response streams, Throwable cause) {
    boolean silent = streams == null && !link.isSingle();
    pause = Math.max(gather.getAsLong(), silent ? Math.min(2 * pause, LONGEST_PAUSE) : 0);
    vertx.setTimer(cause == null ? pause : RETRY, due -> read());
    if (cause == null) {
      lastRead = System.nanoTime();
      if (streams != null) {
        streams.forEach(this::deliver);
      }
      answered = number;
    }
  }

  private void deliver(Response stream) {
    for (Follower follower : List.copyOf(followers.getOrDefault(key(stream), List.of()))) {
      try {
        deliver(stream.get(1), follower);
      } catch (RuntimeException notOurs) {
        follower.distrust();
      }
    }
  }

  /** A list of items, each an id and its fields. */
  private static void deliver(Response items, Follower follower) {
    for (Response item : items) {
      follower.item(number(item.get(0).toString()), item.get(1).get(1).toBytes());
    }
  }

  private static String key(Response stream) {
    return stream.get(0).toString();
  }

  private static long number(String id) {
    return Long.parseLong(id.substring(0, id.indexOf('-')));
  }
}
