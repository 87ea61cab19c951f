package dev.refrain.keys;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Usage of a key since the process began. Any thread. */
public final class KeyUsage {
  final LongAdder requests = new LongAdder();
  final LongAdder tokens = new LongAdder();
  final AtomicInteger underWay = new AtomicInteger();
  private final Map<KeyDenial, LongAdder> refused = new EnumMap<>(KeyDenial.class);

  KeyUsage() {
    for (KeyDenial reason : KeyDenial.values()) {
      refused.put(reason, new LongAdder());
    }
  }

  void refused(KeyDenial reason) {
    refused.get(reason).increment();
  }

  /** Requests that presented it, refused ones included. */
  public long requests() {
    return requests.sum();
  }

  /** Those of them that were refused for this reason. */
  public long refusals(KeyDenial reason) {
    return refused.get(reason).sum();
  }

  /** Tokens that upstreams were paid for it. */
  public long tokens() {
    return tokens.sum();
  }
}
