/**
 * Certificates: read from PEM files, validated, and reloaded when the files change.
 *
 * <p>Read in this order: {@link dev.refrain.tls.PemFiles}, {@link dev.refrain.tls.Credentials},
 * {@link dev.refrain.tls.CertificateWatch}.
 *
 * <p>Stands between: the operator's files, and the servers and clients that the root hands them to.
 *
 * <p>Depends on: no other package; Vert.x's reader of PEM.
 *
 * <p>Must never know: what the credentials are for.
 *
 * <p>Always true: every certificate in use was validated, byte for byte; a key is never logged;
 * files are read off the event loops, and no more than 1 MiB of each.
 *
 * <p>Decisions: 0020 (TLS and limits at the edge).
 */
package dev.refrain.tls;
