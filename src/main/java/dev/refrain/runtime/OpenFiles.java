package dev.refrain.runtime;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.refrain.config.Config;
import dev.refrain.config.UpstreamConfig;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Number of client connections that the process's limit of open files allows. */
public final class OpenFiles {
  private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);

  /** Jars, logs, sockets that listen, selectors, and connections to Redis. */
  private static final long OWN = 128;

  private OpenFiles() {}

  /** Connections at the public port: as configured, or as many as there is room for. */
  public static int connections(Config config) {
    int wanted = config.server().connections();
    int room = room(config, limit());
    if (room < wanted) {
      LOG.warn(
          "server.connections: {} is more than the limit of open files leaves; it is {} now"
              + " (raise ulimit -n)",
          wanted,
          room);
    }
    return Math.min(wanted, room);
  }

  /** Half of what is left at least: a caller's connection mostly needs one upstream. */
  static int room(Config config, long limit) {
    long left = limit - OWN - config.management().connections();
    // Completions and what passes through have as many connections each.
    long upstream = 2L * config.upstreams().stream().mapToInt(UpstreamConfig::connections).sum();
    long room = Math.max(left / 2, left - upstream);
    return (int) Math.max(1, Math.min(room, Integer.MAX_VALUE));
  }

  private static long limit() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Integer.MAX_VALUE;
  }
}
