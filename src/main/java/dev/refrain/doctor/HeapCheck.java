package dev.refrain.doctor;

import dev.refrain.doctor.Doctor.Check;
import io.vertx.core.Future;
import java.util.List;

/**
 * Checks that the memory cache fits into the heap.
 *
 * @param cache bytes of cache.memory.size
 * @param heap bytes there may be
 */
public record HeapCheck(long cache, long heap) implements Check {
  private static final long MIB = 1 << 20;

  @Override
  public String subject() {
    return "heap";
  }

  @Override
  public Future<List<Finding>> make() {
    return Future.succeededFuture(List.of(look()));
  }

  private Finding look() {
    String sizes =
        "cache.memory.size is %d MiB of %d MiB of heap".formatted(cache / MIB, heap / MIB);
    if (cache >= heap * 3 / 4) {
      return Finding.fail(subject(), sizes + ", which leaves no memory for requests; " + advice());
    }
    return cache > heap / 2
        ? Finding.warn(subject(), sizes + ", which leaves little for requests; " + advice())
        : Finding.ok(subject(), sizes);
  }

  private static String advice() {
    return "lower it, or give the JVM more (REFRAIN_JAVA_OPTS=-XX:MaxRAMPercentage=…)";
  }
}
