package dev.refrain.doctor;

import dev.refrain.doctor.Doctor.Check;
import io.vertx.core.Future;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whether requests with a key of Refrain have credentials for the upstreams.
 *
 * @param keys how many there are
 * @param tenants of how many tenants
 * @param bare what the configuration calls the upstreams that have no key of the operator's
 */
public record KeyCheck(int keys, long tenants, List<String> bare) implements Check {
  @Override
  public String subject() {
    return "keys";
  }

  @Override
  public Future<List<Finding>> make() {
    String counted =
        "%d; tenants: %d; requests without one of these keys are rejected".formatted(keys, tenants);
    Stream<Finding> first = Stream.of(Finding.ok(subject(), counted));
    return Future.succeededFuture(Stream.concat(first, bare.stream().map(this::unpaid)).toList());
  }

  private Finding unpaid(String upstream) {
    String says =
        "callers' keys are not sent on, and %1$s.apiKey is empty: it is asked without any; set it,"
            + " unless %1$s asks for none";
    return Finding.warn(subject(), says.formatted(upstream));
  }
}
