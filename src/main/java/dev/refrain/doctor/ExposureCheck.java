package dev.refrain.doctor;

import dev.refrain.doctor.Doctor.Check;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Whether the ports are open to more callers than they should be: those that spend the API key of
 * an upstream, and those of the management port.
 *
 * @param server address and protection of the public port
 * @param paid what the configuration calls the upstreams that have a key of the operator's
 * @param management address and protection of the management port
 */
public record ExposureCheck(Port server, List<String> paid, Port management) implements Check {
  private static final Pattern LOOPBACK =
      Pattern.compile("(?i)localhost|127(\\.\\d{1,3}){3}|\\[?(::1|0:0:0:0:0:0:0:1)]?");

  /**
   * A port.
   *
   * @param host where it listens
   * @param guarded whether its callers must prove who they are
   */
  public record Port(String host, boolean guarded) {
    private boolean isExposed() {
      return !guarded && !LOOPBACK.matcher(host).matches();
    }
  }

  @Override
  public String subject() {
    return "exposure";
  }

  @Override
  public Future<List<Finding>> make() {
    List<Finding> found = warnings();
    return Future.succeededFuture(
        found.isEmpty()
            ? List.of(Finding.ok(subject(), "no port lends a key or shows more than it should"))
            : found);
  }

  /** What is open that should not be; empty if nothing is. */
  public List<Finding> warnings() {
    List<Finding> found = new ArrayList<>();
    if (server.isExposed() && !paid.isEmpty()) {
      String says =
          "anyone who reaches server.host %s spends %s.apiKey; set keys, or server.host: 127.0.0.1";
      found.add(Finding.warn(subject(), says.formatted(server.host, String.join(", ", paid))));
    }
    if (management.isExposed()) {
      String says =
          "management.host %s is open beyond this machine without management.token: purge and"
              + " reload are refused from there, metrics are shown; set the token, or"
              + " management.host: 127.0.0.1";
      found.add(Finding.warn(subject(), says.formatted(management.host)));
    }
    return found;
  }
}
