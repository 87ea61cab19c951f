package dev.refrain.binding;

import dev.refrain.config.ServerConfig;
import dev.refrain.tls.CertificateWatch;
import dev.refrain.tls.Credentials;
import dev.refrain.tls.PemFiles;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.ServerSSLOptions;
import java.util.function.Function;

/** TLS certificates of the public port. Safe on any thread; empty until {@link #load} completes. */
public final class ServerCertificates {
  private final ServerConfig.Tls tls;
  private CertificateWatch watch;
  private volatile ServerSSLOptions current;

  public ServerCertificates(ServerConfig.Tls tls) {
    this.tls = tls;
  }

  /**
   * Reads them, and then checks at an interval whether they have changed. Fails with a {@code
   * ConfigError} that names the file.
   *
   * @param renew applies new certificates
   */
  public Future<Void> load(Vertx vertx, Function<ServerSSLOptions, Future<?>> renew) {
    watch =
        new CertificateWatch(
            vertx,
            files(tls),
            news -> renew.apply(options(news)).onSuccess(done -> current = options(news)));
    return watch
        .begin(tls.reload())
        .onSuccess(first -> current = options(first))
        .<Void>mapEmpty()
        .recover(UpstreamCertificates::explained);
  }

  /** The files they are in. */
  public static PemFiles files(ServerConfig.Tls tls) {
    return new PemFiles("server.tls", tls.cert(), tls.key(), "clientCa", tls.clientCa());
  }

  /** The certificates in use. */
  public ServerSSLOptions current() {
    return current;
  }

  /** Ends the checks of the files. */
  public void close() {
    if (watch != null) {
      watch.close();
    }
  }

  private static ServerSSLOptions options(Credentials credentials) {
    ServerSSLOptions options = new ServerSSLOptions();
    credentials.identity().ifPresent(options::setKeyCertOptions);
    credentials
        .trust()
        .ifPresent(trust -> options.setTrustOptions(trust).setClientAuth(ClientAuth.REQUIRED));
    options.setUseAlpn(true);
    return options;
  }
}
