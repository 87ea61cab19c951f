package dev.refrain.upstream;

import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * Describes TLS errors towards an upstream for the reader of the error, without names, paths or
 * libraries.
 */
final class TlsErrors {
  /** Alerts by which a server rejects our certificate, or its absence (RFC 8446 §6). */
  private static final Set<String> ABOUT_OURS =
      Set.of(
          "bad_certificate",
          "unsupported_certificate",
          "certificate_revoked",
          "certificate_expired",
          "certificate_unknown",
          "certificate_required",
          "unknown_ca",
          "access_denied");

  private TlsErrors() {}

  /** The error in words, if it is one of TLS. */
  static Optional<String> of(Throwable failure) {
    String found = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String named = named(cause);
      found = named == null ? found : named; // the deepest knows best
    }
    return Optional.ofNullable(found);
  }

  private static String named(Throwable cause) {
    if (cause instanceof CertificateExpiredException) {
      return "the certificate of the upstream has expired";
    }
    if (cause instanceof CertificateNotYetValidException) {
      return "the certificate of the upstream is not valid yet";
    }
    if (cause instanceof CertPathBuilderException || cause instanceof CertPathValidatorException) {
      return "the certificate of the upstream is not signed by an authority trusted here";
    }
    if (cause instanceof CertificateException) {
      return isOfName(cause)
          ? "the certificate of the upstream is for another host name"
          : "the certificate of the upstream cannot be accepted";
    }
    if (cause instanceof NotSslRecordException) {
      return "the upstream does not support TLS on this port";
    }
    return cause instanceof SSLException ? ofSession(cause) : null;
  }

  private static boolean isOfName(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return message.contains("subject alternative") || message.contains("No name matching");
  }

  private static String ofSession(Throwable cause) {
    String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    return ABOUT_OURS.stream().anyMatch(message::contains)
        ? "the upstream requires a client certificate that it accepts"
        : "no TLS session with the upstream";
  }
}
