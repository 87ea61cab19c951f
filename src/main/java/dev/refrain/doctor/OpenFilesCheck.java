package dev.refrain.doctor;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.refrain.doctor.Doctor.Check;
import io.vertx.core.Future;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.OptionalLong;

/**
 * Whether there may be as many sockets as the configuration allows.
 *
 * @param callers client connections
 * @param upstreams connections to all upstreams together
 * @param limit of open files; empty where the system has none
 */
public record OpenFilesCheck(long callers, long upstreams, OptionalLong limit) implements Check {
  /**
   * The jar, Redis, certificates, the log; and an eighth more clients, which get an error response.
   */
  private static final long OTHERS = 256;

  /** The same with the limit of this process. */
  public OpenFilesCheck(long callers, long upstreams) {
    this(callers, upstreams, ofThisProcess());
  }

  private static OptionalLong ofThisProcess() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? OptionalLong.of(unix.getMaxFileDescriptorCount())
        : OptionalLong.empty();
  }

  @Override
  public String subject() {
    return "open files";
  }

  @Override
  public Future<List<Finding>> make() {
    return Future.succeededFuture(List.of(look()));
  }

  private Finding look() {
    long needed = callers + callers / 8 + upstreams + OTHERS;
    if (limit.isEmpty() || limit.getAsLong() >= needed) {
      return Finding.ok(subject(), "the limit is high enough; needed: " + needed);
    }
    return Finding.warn(
        subject(),
        ("the limit is %d, but server.connections and upstreams[].connections can use %d; raise"
                + " the limit (ulimit -n), or lower them")
            .formatted(limit.getAsLong(), needed));
  }
}
