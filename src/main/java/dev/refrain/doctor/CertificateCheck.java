package dev.refrain.doctor;

import dev.refrain.doctor.Doctor.Check;
import dev.refrain.tls.Credentials;
import dev.refrain.tls.PemFiles;
import dev.refrain.tls.PemFiles.CertificateError;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Checks the remaining validity of our certificate.
 *
 * @param files where it is
 */
public record CertificateCheck(Vertx vertx, PemFiles files) implements Check {
  private static final Duration SOON = Duration.ofDays(14);

  @Override
  public String subject() {
    return files.section();
  }

  @Override
  public Future<List<Finding>> make() {
    return vertx.executeBlocking(this::look);
  }

  private List<Finding> look() {
    try {
      return Credentials.read(files, vertx)
          .until()
          .map(this::judge)
          .map(List::of)
          .orElse(List.of());
    } catch (CertificateError bad) {
      return List.of(Finding.fail(subject(), bad.getMessage()));
    }
  }

  private Finding judge(Instant until) {
    return until(subject(), "our certificate", until);
  }

  /** The finding for a certificate that expires then. */
  static Finding until(String subject, String which, Instant until) {
    Instant now = Instant.now();
    if (until.isBefore(now)) {
      return Finding.fail(subject, which + " expired at " + until);
    }
    return until.isBefore(now.plus(SOON))
        ? Finding.warn(subject, which + " expires soon, at " + until)
        : Finding.ok(subject, which + " is good until " + until);
  }
}
