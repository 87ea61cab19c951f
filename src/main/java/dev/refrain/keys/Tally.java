package dev.refrain.keys;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What was counted of a key since the process began. Any thread. */
public final class Tally {
  final LongAdder requests = new LongAdder();
  final LongAdder tokens = new LongAdder();
  private final Map<Refusal, LongAdder> refused = new EnumMap<>(Refusal.class);

  Tally() {
    for (Refusal why : Refusal.values()) {
      refused.put(why, new LongAdder());
    }
  }

  void refused(Refusal why) {
    refused.get(why).increment();
  }

  /** Requests that presented it, refused ones included. */
  public long requests() {
    return requests.sum();
  }

  /** Those of them that were refused for this reason. */
  public long refusals(Refusal why) {
    return refused.get(why).sum();
  }

  /** Tokens that upstreams were paid for it. */
  public long tokens() {
    return tokens.sum();
  }
}
