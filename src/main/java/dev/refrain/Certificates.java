package dev.refrain;

import dev.refrain.config.Config;
import dev.refrain.config.ConfigError;
import dev.refrain.config.ServerConfig;
import dev.refrain.config.UpstreamConfig;
import dev.refrain.config.UpstreamTls;
import dev.refrain.config.UpstreamTls.Verify;
import dev.refrain.tls.BadCertificate;
import dev.refrain.tls.CertificateWatch;
import dev.refrain.tls.Credentials;
import dev.refrain.tls.PemFiles;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates in use: of the door, and towards each upstream. Safe on any thread; there are
 * none before {@link #load} is done.
 */
final class Certificates {
  private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

  private final Config config;
  private final AtomicReferenceArray<ClientSSLOptions> upstreams;
  private final List<CertificateWatch> watches = new CopyOnWriteArrayList<>();
  private volatile ServerSSLOptions door;

  Certificates(Config config) {
    this.config = config;
    this.upstreams = new AtomicReferenceArray<>(config.upstreams().size());
  }

  /**
   * Reads all of them, and from then on looks whether they have changed. Fails with a {@link
   * ConfigError} that names the file.
   *
   * @param renew takes new ones of the door up
   */
  Future<Void> load(Vertx vertx, Function<ServerSSLOptions, Future<?>> renew) {
    List<Future<?>> all = new ArrayList<>();
    all.add(
        watch(
                vertx,
                files(config.server().tls()),
                news -> renew.apply(door(news)).onSuccess(done -> door = door(news)))
            .onSuccess(first -> door = door(first)));
    for (int i = 0; i < config.upstreams().size(); i++) {
      all.add(upstream(vertx, i));
    }
    return Future.all(all).<Void>mapEmpty().recover(Certificates::explained);
  }

  private Future<Credentials> watch(
      Vertx vertx, PemFiles files, Function<Credentials, Future<?>> renew) {
    CertificateWatch watch = new CertificateWatch(vertx, files, renew);
    watches.add(watch);
    return watch.begin(config.server().tls().reload());
  }

  private Future<?> upstream(Vertx vertx, int i) {
    UpstreamConfig upstream = config.upstreams().get(i);
    if (upstream.tls().verify() == Verify.NONE) {
      LOG.warn("upstream {}: its certificate is not checked (tls.verify: none)", upstream.name());
    }
    return watch(
            vertx,
            files("upstreams[" + i + "].tls", upstream.tls()),
            news -> {
              upstreams.set(i, client(upstream.tls(), news));
              return Future.succeededFuture();
            })
        .onSuccess(first -> upstreams.set(i, client(upstream.tls(), first)));
  }

  private static Future<Void> explained(Throwable cause) {
    return Future.failedFuture(
        cause instanceof BadCertificate ? new ConfigError(cause.getMessage()) : cause);
  }

  /** Looks at the files no more. */
  void close() {
    watches.forEach(CertificateWatch::close);
  }

  /** What the door speaks TLS with now. */
  ServerSSLOptions door() {
    return door;
  }

  /** What the upstream of this number is spoken to with now. */
  Supplier<ClientSSLOptions> upstream(int i) {
    return () -> upstreams.get(i);
  }

  private static PemFiles files(ServerConfig.Tls tls) {
    return new PemFiles("server.tls", tls.cert(), tls.key(), "clientCa", tls.clientCa());
  }

  private static PemFiles files(String section, UpstreamTls tls) {
    return new PemFiles(section, tls.cert(), tls.key(), "ca", tls.ca());
  }

  private static ServerSSLOptions door(Credentials credentials) {
    ServerSSLOptions options = new ServerSSLOptions();
    credentials.identity().ifPresent(options::setKeyCertOptions);
    credentials
        .trust()
        .ifPresent(trust -> options.setTrustOptions(trust).setClientAuth(ClientAuth.REQUIRED));
    options.setUseAlpn(true);
    return options;
  }

  private static ClientSSLOptions client(UpstreamTls tls, Credentials credentials) {
    ClientSSLOptions options =
        new ClientSSLOptions()
            .setHostnameVerificationAlgorithm(tls.verify() == Verify.FULL ? "HTTPS" : "")
            .setTrustAll(tls.verify() == Verify.NONE);
    credentials.identity().ifPresent(options::setKeyCertOptions);
    credentials.trust().ifPresent(options::setTrustOptions);
    return options;
  }
}
