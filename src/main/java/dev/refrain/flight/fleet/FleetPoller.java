package dev.refrain.flight.fleet;

import dev.refrain.redis.RedisLink;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;

/**
 * Polls all calls followed on one event loop, over connections of its own. One command can read
 * streams of one part of the keys alone, so there is a {@link SlotPoller} for each part of which
 * something is followed: one in all, or in a cluster about as many as there are calls followed.
 *
 * <p>However many these are, a second has room for 5000 commands.
 */
public final class FleetPoller {
  private static final long GATHER = 5;
  private static final int LANES_A_MILLISECOND = 5;

  private final Vertx vertx;
  private final RedisLink link;
  private final Map<Integer, SlotPoller> slotPollers = new HashMap<>();

  /** A poller over a link of its own, for the calling event loop. */
  public FleetPoller(Vertx vertx, RedisLink link) {
    this.vertx = vertx;
    this.link = link;
  }

  /** Where this stream is read. */
  SlotPoller slotPoller(String stream) {
    return slotPollers.computeIfAbsent(link.slot(stream), this::slotPoller);
  }

  private SlotPoller slotPoller(int slot) {
    return new SlotPoller(vertx, link, this::gather, () -> slotPollers.remove(slot));
  }

  private long gather() {
    return link.isSingle()
        ? GATHER
        : Math.max(2 * GATHER, slotPollers.size() / LANES_A_MILLISECOND);
  }
}
