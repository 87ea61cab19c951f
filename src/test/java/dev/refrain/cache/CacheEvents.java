package dev.refrain.cache;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Source;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Remembers what the tiers of the cache report. Any thread. */
public final class CacheEvents implements Observer {
  public final List<Lookup> lookups = new CopyOnWriteArrayList<>();
  public final List<DiskFault> faults = new CopyOnWriteArrayList<>();
  public final List<Boolean> states = new CopyOnWriteArrayList<>();
  public final AtomicInteger stored = new AtomicInteger();
  public final AtomicInteger dropped = new AtomicInteger();

  @Override
  public void lookedUp(Endpoint endpoint, Source tier, Lookup result, String rule, long nanos) {
    lookups.add(result);
  }

  @Override
  public void diskFailed(DiskFault fault) {
    faults.add(fault);
  }

  @Override
  public void stored(Source tier, int bytes) {
    stored.incrementAndGet();
  }

  @Override
  public void storeDropped(Source tier) {
    dropped.incrementAndGet();
  }

  @Override
  public void redisState(boolean up) {
    states.add(up);
  }
}
