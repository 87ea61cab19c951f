package dev.refrain.tls;

/** A PEM file that cannot be used, and why, in one line that names its key and path. */
public final class CertificateError extends Exception {
  private static final long serialVersionUID = 1L;

  CertificateError(String key, String path, String why) {
    super((key + ": " + path + ": " + why).replaceAll("\\p{Cntrl}+", " "), null, false, false);
  }
}
