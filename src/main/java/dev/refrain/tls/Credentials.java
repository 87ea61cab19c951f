package dev.refrain.tls;

import dev.refrain.tls.PemFiles.CertificateError;
import dev.refrain.tls.PemFiles.Pem;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;

/**
 * Our certificate and the trusted authorities, ready for a server or a client. Two are equal only
 * if they are the same: they are part of the key of a connection pool, and bytes would be compared
 * at every call.
 */
public final class Credentials {
  /** No certificate, and the authorities of the platform. */
  public static final Credentials NONE = new Credentials(null, null, null);

  private final KeyCertOptions identity;
  private final TrustOptions trust;
  private final Instant until;

  private Credentials(KeyCertOptions identity, TrustOptions trust, Instant until) {
    this.identity = identity;
    this.trust = trust;
    this.until = until;
  }

  /** Reads and checks the files. Blocks. */
  public static Credentials read(PemFiles files, Vertx vertx) throws CertificateError {
    return files.isEmpty() ? NONE : of(files, files.read(), vertx);
  }

  static Credentials of(PemFiles files, Pem pem, Vertx vertx) throws CertificateError {
    KeyManagerFactory keys = pem.cert() == null ? null : keys(files, pem, vertx);
    return new Credentials(
        keys == null ? null : KeyCertOptions.wrap(keys),
        pem.ca() == null ? null : TrustOptions.wrap(trust(files, pem, vertx)),
        keys == null ? null : certificate(manager(keys)).getNotAfter().toInstant());
  }

  /** Our certificate and key. */
  public Optional<KeyCertOptions> identity() {
    return Optional.ofNullable(identity);
  }

  /** The trusted authorities, if not the platform's. */
  public Optional<TrustOptions> trust() {
    return Optional.ofNullable(trust);
  }

  /** Until when our certificate is valid. */
  public Optional<Instant> until() {
    return Optional.ofNullable(until);
  }

  private static KeyManagerFactory keys(PemFiles files, Pem pem, Vertx vertx)
      throws CertificateError {
    PemKeyCertOptions options =
        new PemKeyCertOptions().setCertValue(pem.cert()).setKeyValue(pem.key());
    KeyManagerFactory keys;
    try {
      keys = options.getKeyManagerFactory(vertx);
    } catch (Exception malformed) { // whatever a parser may throw; it may quote what it read
      throw files.bad("cert", files.cert(), "no PEM certificate with its key in " + files.key());
    }
    X509Certificate certificate = certificate(manager(keys));
    if (!fits(key(manager(keys)), certificate)) {
      throw files.bad("key", files.key(), "is not the key of " + files.cert());
    }
    if (certificate.getNotAfter().toInstant().isBefore(Instant.now())) {
      String since = certificate.getNotAfter().toInstant().toString();
      throw files.bad("cert", files.cert(), "expired at " + since);
    }
    return keys;
  }

  private static TrustManagerFactory trust(PemFiles files, Pem pem, Vertx vertx)
      throws CertificateError {
    try {
      return new PemTrustOptions().addCertValue(pem.ca()).getTrustManagerFactory(vertx);
    } catch (Exception malformed) {
      throw files.bad(files.caKey(), files.ca(), "no PEM certificate in it");
    }
  }

  private static X509KeyManager manager(KeyManagerFactory keys) {
    for (KeyManager manager : keys.getKeyManagers()) {
      if (manager instanceof X509KeyManager x509) {
        return x509;
      }
    }
    throw new IllegalStateException("every Java platform has X.509");
  }

  // The store has one entry, whose name depends on the reader.
  private static String alias(X509KeyManager manager) {
    for (String type : new String[] {"RSA", "EC"}) {
      String[] aliases = manager.getServerAliases(type, null);
      if (aliases != null && aliases.length > 0) {
        return aliases[0];
      }
    }
    return null;
  }

  private static X509Certificate certificate(X509KeyManager manager) {
    return manager.getCertificateChain(alias(manager))[0];
  }

  private static PrivateKey key(X509KeyManager manager) {
    return manager.getPrivateKey(alias(manager));
  }

  // Nothing else compares the two before the first caller is turned away.
  private static boolean fits(PrivateKey key, X509Certificate certificate) {
    try {
      Signature signature = Signature.getInstance(key.getAlgorithm().equals("EC") ? EC : RSA);
      byte[] text = certificate.getTBSCertificate();
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException otherKind) {
      return false;
    }
  }

  private static final String RSA = "SHA256withRSA";
  private static final String EC = "SHA256withECDSA";
}
