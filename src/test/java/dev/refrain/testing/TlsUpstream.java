package dev.refrain.testing;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** An upstream that speaks TLS, and answers every request with the documented answer. */
public final class TlsUpstream implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 20;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final HttpServer server;
  private final List<String> hosts = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final boolean keeping;

  private TlsUpstream(HttpServerOptions options) {
    this(options, false);
  }

  private TlsUpstream(HttpServerOptions options, boolean keeping) {
    this.keeping = keeping;
    server = vertx.createHttpServer(options.setHost("127.0.0.1").setPort(0));
    server
        .exceptionHandler(refused -> {})
        .connectionHandler(connection -> connections.incrementAndGet())
        .requestHandler(this::answer);
    await(server.listen());
  }

  /** One that proves itself with this identity. */
  public static TlsUpstream of(Authority.Identity identity) {
    return new TlsUpstream(options(identity));
  }

  /** The same, which keeps its connections open. */
  public static TlsUpstream keeping(Authority.Identity identity) {
    return new TlsUpstream(options(identity), true);
  }

  /** One that also wants a certificate signed by this authority. */
  public static TlsUpstream asking(Authority.Identity identity, Path clientCa) {
    return new TlsUpstream(
        options(identity)
            .setClientAuth(ClientAuth.REQUIRED)
            .setTrustOptions(new PemTrustOptions().addCertPath(clientCa.toString())));
  }

  private static HttpServerOptions options(Authority.Identity identity) {
    return new HttpServerOptions().setSsl(true).setKeyCertOptions(pem(identity));
  }

  private static PemKeyCertOptions pem(Authority.Identity identity) {
    return new PemKeyCertOptions()
        .setCertPath(identity.cert().toString())
        .setKeyPath(identity.key().toString());
  }

  private void answer(HttpServerRequest request) {
    hosts.add(request.getHeader("Host"));
    request
        .response()
        .putHeader("Content-Type", "application/json")
        // closed, every call makes a handshake of its own
        .putHeader("Connection", keeping ? "keep-alive" : "close")
        .end(Examples.ANSWER);
  }

  /** Proves itself with another identity from the next connection on. */
  public void become(Authority.Identity identity) {
    await(server.updateSSLOptions(new ServerSSLOptions().setKeyCertOptions(pem(identity)), true));
  }

  /** Its port. */
  public int port() {
    return server.actualPort();
  }

  /** The {@code Host} of every request that came. */
  public List<String> hosts() {
    return List.copyOf(hosts);
  }

  /** How many connections were made. */
  public int connections() {
    return connections.get();
  }

  /** How many requests came. */
  public int calls() {
    return hosts.size();
  }

  @Override
  public void close() {
    await(vertx.close());
  }

  private static void await(io.vertx.core.Future<?> future) {
    try {
      future.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError(late);
    }
  }
}
