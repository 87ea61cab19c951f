package dev.refrain.flight.fleet;

import dev.refrain.flight.fleet.FleetCoalescer.FleetSettings;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.Optional;

/**
 * Acquires leases and publishes messages under them. Every write looks at the lease in the same
 * script, so that a leader that has lost it cannot write, and learns of the loss and of followers.
 *
 * <p>Scripts are sent in full: they are short, and need no second try after Redis has restarted.
 */
final class Leases {
  /** No request waits for a write or a check of a lease; in milliseconds. */
  private static final long PATIENCE = 1_000;

  /**
   * How long a whole and proven answer can still be followed after its end, in milliseconds: longer
   * than from a look into the shared cache, just before the answer got there, to the claim.
   */
  private static final long LINGER = 1_000;

  // The holder's token and, once another replica has found it, a mark that the call is followed:
  // in one key, so that neither outlives the other.
  private static final String CLAIM =
      """
      local holder = redis.call('hget', KEYS[1], 'holder')
      if holder then
        redis.call('hset', KEYS[1], 'followed', 1)
        return holder
      end
      redis.call('hset', KEYS[1], 'holder', ARGV[1])
      redis.call('pexpire', KEYS[1], ARGV[2])
      return false\
      """;

  private static final String MINE =
      """
      local lease = redis.call('hmget', KEYS[1], 'holder', 'followed')
      if lease[1] ~= ARGV[1] then return 0 end
      """;

  private static final String HELD = "return lease[2] and 2 or 1";

  private static final String RENEW =
      MINE
          + """
          redis.call('pexpire', KEYS[1], ARGV[2])
          redis.call('pexpire', KEYS[2], ARGV[2] * 2)
          """
          + HELD;

  private static final String PUBLISH =
      MINE
          + """
          redis.call('xadd', KEYS[2], ARGV[3], 'i', ARGV[4])
          redis.call('pexpire', KEYS[1], ARGV[2])
          redis.call('pexpire', KEYS[2], ARGV[2] * 2)
          """
          + HELD;

  private static final String FINISH =
      MINE
          + """
          for i = 4, #ARGV, 2 do
            redis.call('xadd', KEYS[2], ARGV[i], 'i', ARGV[i + 1])
          end
          redis.call('pexpire', KEYS[2], ARGV[2] * 2)
          redis.call('pexpire', KEYS[1], ARGV[3])
          """
          + HELD;

  private static final String LEFT = MINE + "return redis.call('pttl', KEYS[1])";

  private final RedisLink link;
  private final long budget;
  private final long lease;

  Leases(RedisLink link, FleetSettings settings) {
    this.link = link;
    this.budget = settings.timeout().toMillis();
    this.lease = settings.lease().toMillis();
  }

  /**
   * Acquires the lease unless another replica has it, which then learns that the call is followed.
   *
   * @return the holder's token; empty if this replica acquired the lease
   */
  Future<Optional<String>> claim(FleetFlight flight) {
    Request claim =
        Request.cmd(Command.EVAL).arg(CLAIM).arg(1).arg(flight.lease()).arg(flight.token());
    return link.send(flight.lease(), claim.arg(lease), budget)
        .map(holder -> Optional.ofNullable(holder).map(Response::toString));
  }

  /** Keeps the lease. */
  Future<Lease> renew(FleetFlight flight) {
    return send(flight, command(RENEW, flight).arg(lease));
  }

  /** Publishes the message of this number, counted from 1. */
  Future<Lease> publish(FleetFlight flight, long number, Buffer item) {
    return send(flight, command(PUBLISH, flight).arg(lease).arg(number + "-0").arg(item));
  }

  /**
   * Publishes the last messages and releases the lease, atomically.
   *
   * @param number that of the first of them
   * @param followable whether a late replica can still follow
   */
  Future<Lease> finish(FleetFlight flight, long number, List<Buffer> items, boolean followable) {
    // A lease set to expire in no time is gone with the script.
    Request finish = command(FINISH, flight).arg(lease).arg(followable ? LINGER : 0);
    for (int i = 0; i < items.size(); i++) {
      finish.arg(number + i + "-0").arg(items.get(i));
    }
    return send(flight, finish);
  }

  /** How long the leader still counts as alive, in milliseconds; 0 or less if it does not. */
  Future<Long> left(FleetFlight flight) {
    Request left = Request.cmd(Command.EVAL).arg(LEFT).arg(1).arg(flight.lease());
    return link.send(flight.lease(), left.arg(flight.token()), PATIENCE).map(Response::toLong);
  }

  private static Request command(String script, FleetFlight flight) {
    return Request.cmd(Command.EVAL)
        .arg(script)
        .arg(2)
        .arg(flight.lease())
        .arg(flight.stream())
        .arg(flight.token());
  }

  private Future<Lease> send(FleetFlight flight, Request write) {
    return link.send(flight.lease(), write, PATIENCE).map(reply -> Lease.of(reply.toInteger()));
  }

  /** State of the lease, returned by every write of the leader. */
  enum Lease {
    /** Another replica holds it, or none does. */
    LOST,
    /** This replica holds it, and no other replica has tried to acquire it since. */
    HELD,
    /** This replica holds it, and other replicas follow. */
    FOLLOWED;

    private static final Lease[] REPLIES = values();

    /** The reply of a script: 0, 1 or 2. */
    static Lease of(int reply) {
      return REPLIES[reply];
    }
  }
}
