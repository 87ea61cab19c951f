package dev.refrain.binding;

import dev.refrain.config.ConfigError;
import dev.refrain.config.UpstreamConfig;
import dev.refrain.config.UpstreamConfig.UpstreamTls;
import dev.refrain.config.UpstreamConfig.UpstreamTls.Verify;
import dev.refrain.tls.CertificateWatch;
import dev.refrain.tls.Credentials;
import dev.refrain.tls.PemFiles;
import dev.refrain.tls.PemFiles.CertificateError;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Current TLS credentials for one upstream. Safe on any thread. */
final class UpstreamCertificates implements Supplier<ClientSSLOptions> {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamCertificates.class);

  private final UpstreamTls tls;
  private CertificateWatch watch;
  private volatile ClientSSLOptions current;

  private UpstreamCertificates(UpstreamTls tls) {
    this.tls = tls;
  }

  /**
   * Reads them, and then checks at an interval whether they have changed. Fails with a {@link
   * ConfigError} that names the file.
   *
   * @param section of the configuration, for messages
   * @param every interval of the checks
   */
  static Future<UpstreamCertificates> load(
      Vertx vertx, String section, UpstreamConfig upstream, Duration every) {
    UpstreamTls tls = upstream.tls();
    if (tls.verify() == Verify.NONE) {
      LOG.warn(
          "upstream {}: certificate verification is disabled (tls.verify: none)", upstream.name());
    }
    UpstreamCertificates certificates = new UpstreamCertificates(tls);
    certificates.watch =
        new CertificateWatch(
            vertx,
            new PemFiles(section + ".tls", tls.cert(), tls.key(), "ca", tls.ca()),
            certificates::renew);
    return certificates
        .watch
        .begin(every)
        .compose(certificates::renew)
        .map(certificates)
        .recover(UpstreamCertificates::explained);
  }

  static <T> Future<T> explained(Throwable cause) {
    return Future.failedFuture(
        cause instanceof CertificateError ? new ConfigError(cause.getMessage()) : cause);
  }

  @Override
  public ClientSSLOptions get() {
    return current;
  }

  /** Ends the checks of the files; the certificates stay in use. */
  void close() {
    watch.close();
  }

  private Future<Void> renew(Credentials credentials) {
    ClientSSLOptions options =
        new ClientSSLOptions()
            .setHostnameVerificationAlgorithm(tls.verify() == Verify.FULL ? "HTTPS" : "")
            .setTrustAll(tls.verify() == Verify.NONE);
    credentials.identity().ifPresent(options::setKeyCertOptions);
    credentials.trust().ifPresent(options::setTrustOptions);
    current = options;
    return Future.succeededFuture();
  }
}
