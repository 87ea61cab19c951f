package dev.refrain.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.doctor.MemoryCheck.Allowed;
import dev.refrain.doctor.MemoryCheck.Limits;
import org.junit.jupiter.api.Test;

class MemoryCheckTest {
  private static final long MIB = 1 << 20;
  private static final Allowed MODEST = new Allowed(64 * MIB, 64 * MIB, 32 * MIB, 1024, 1024);
  private static final Limits REPLICA = new Limits(200 * MIB, 96 * MIB, 512 * MIB);

  private static String found(Allowed allowed, Limits limits) {
    return new MemoryCheck(allowed, limits).make().result().get(0).toString();
  }

  @Test
  void whatIsAllowedFitsIntoAReplica() {
    assertThat(found(MODEST, REPLICA))
        .contains("136 MiB of 200 MiB of heap", "64 MiB of 96 MiB of direct memory");
  }

  @Test
  void connectionsCountOnTheHeap() {
    Allowed crowd = new Allowed(64 * MIB, 64 * MIB, 32 * MIB, 16_384, 1024);
    assertThat(found(crowd, REPLICA)).contains("server.connections", "256 MiB of 200 MiB of heap");
  }

  @Test
  void callsCountInDirectMemory() {
    Allowed busy = new Allowed(64 * MIB, 64 * MIB, 32 * MIB, 1024, 4096);
    assertThat(found(busy, REPLICA))
        .contains("upstreams[].connections", "160 MiB of 96 MiB of direct memory");
  }

  @Test
  void theWholeProcessFitsIntoItsContainer() {
    assertThat(found(MODEST, new Limits(400 * MIB, 96 * MIB, 512 * MIB)))
        .contains("624 MiB, and there are 512 MiB");
  }
}
