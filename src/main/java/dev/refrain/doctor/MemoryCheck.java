package dev.refrain.doctor;

import com.sun.management.OperatingSystemMXBean;
import dev.refrain.doctor.Doctor.Check;
import io.vertx.core.Future;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * Adds up the memory that the configuration allows to be held, and compares it with the heap, the
 * direct memory, and what the machine or the container has.
 *
 * @param allowed what the configuration allows
 * @param limits what there is
 */
public record MemoryCheck(Allowed allowed, Limits limits) implements Check {
  private static final long MIB = 1 << 20;

  /** Heap of an idle connection of a client; measured, and rounded up. */
  private static final long CONNECTION = 8 * 1024;

  /** Direct memory of a call to an upstream: a read and a write that wait. */
  private static final long CALL = 32 * 1024;

  /** Code, classes, stacks and native memory of the JVM. */
  private static final long PROGRAM = 128 * MIB;

  /**
   * The memory that the configuration allows, in bytes except for the number of connections.
   *
   * @param cache of {@code cache.memory.size}
   * @param requests of {@code limits.memory}
   * @param unsent of {@code limits.unsent}
   * @param clients connections of clients
   * @param calls connections to upstreams
   */
  public record Allowed(long cache, long requests, long unsent, long clients, long calls) {}

  /**
   * The memory that this process has, in bytes.
   *
   * @param heap that the JVM may use
   * @param direct memory that it may use
   * @param machine memory of the machine, or of the container
   */
  public record Limits(long heap, long direct, long machine) {
    /** The limits of this process, except for direct memory. */
    public static Limits ofThisProcess(long direct) {
      OperatingSystemMXBean system =
          ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
      return new Limits(Runtime.getRuntime().maxMemory(), direct, system.getTotalMemorySize());
    }
  }

  @Override
  public String subject() {
    return "memory";
  }

  @Override
  public Future<List<Finding>> make() {
    return Future.succeededFuture(List.of(look()));
  }

  private Finding look() {
    long heap = allowed.cache + allowed.requests + allowed.clients * CONNECTION;
    long direct = allowed.unsent + allowed.calls * CALL;
    long process = limits.heap + limits.direct + PROGRAM;
    if (heap > limits.heap) {
      return Finding.warn(
          subject(),
          ("cache.memory.size, limits.memory and server.connections (8 KiB each) allow %d MiB of"
                  + " %d MiB of heap; lower them, or give the JVM more")
              .formatted(heap / MIB, limits.heap / MIB));
    }
    if (direct > limits.direct) {
      return Finding.warn(
          subject(),
          ("limits.unsent and upstreams[].connections (32 KiB each) allow %d MiB of %d MiB of"
                  + " direct memory; lower them, or raise -XX:MaxDirectMemorySize")
              .formatted(direct / MIB, limits.direct / MIB));
    }
    if (process > limits.machine) {
      return Finding.warn(
          subject(),
          ("heap, direct memory and the program may take %d MiB, and there are %d MiB; give the"
                  + " container more, or the JVM less")
              .formatted(process / MIB, limits.machine / MIB));
    }
    return Finding.ok(
        subject(),
        "the configuration allows %d MiB of %d MiB of heap, and %d MiB of %d MiB of direct memory"
            .formatted(heap / MIB, limits.heap / MIB, direct / MIB, limits.direct / MIB));
  }
}
