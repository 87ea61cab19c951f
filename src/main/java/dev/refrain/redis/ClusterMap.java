package dev.refrain.redis;

import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which master of a cluster has which slots, as one of its servers says. */
record ClusterMap(List<Range> ranges) {
  /** Slots of one master, first and last included. */
  record Range(int first, int last, Endpoint master) {}

  /**
   * Reads the reply to {@code CLUSTER SLOTS}.
   *
   * @param from the server that replied; it is meant where no host is named
   * @throws RuntimeException if it is something else
   */
  static ClusterMap read(Response reply, Endpoint from) {
    List<Range> ranges = new ArrayList<>();
    for (Response range : reply) {
      int first = range.get(0).toInteger();
      int last = range.get(1).toInteger();
      if (first < 0 || last >= Slots.COUNT || first > last) {
        throw new IllegalArgumentException("no slots");
      }
      ranges.add(new Range(first, last, endpoint(range.get(2), from)));
    }
    return new ClusterMap(ranges);
  }

  private static Endpoint endpoint(Response master, Endpoint from) {
    Response host = master.get(0);
    boolean named = host != null && !host.toString().isEmpty() && !host.toString().equals("?");
    return new Endpoint(named ? host.toString() : from.host(), master.get(1).toInteger());
  }

  /** All masters. */
  Set<Endpoint> masters() {
    Set<Endpoint> masters = new LinkedHashSet<>();
    ranges.forEach(range -> masters.add(range.master()));
    return masters;
  }

  /** How many slots have a master. */
  int covered() {
    return ranges.stream().mapToInt(range -> range.last() - range.first() + 1).sum();
  }
}
