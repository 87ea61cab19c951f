package dev.refrain.binding;

import dev.refrain.config.ServerConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.util.concurrent.TimeUnit;

/** Maps the configuration of the public port to Vert.x options. */
public final class ServerOptions {
  /** Cancelled HTTP/2 requests in half a minute, above which a connection is closed. */
  private static final int RESETS = 200;

  private static final int RESET_SECONDS = 30;

  /** Small continuation frames in one HTTP/2 head, above which a connection is closed. */
  private static final int SMALL_PIECES = 16;

  private ServerOptions() {}

  public static HttpServerOptions of(ServerConfig door, ServerSSLOptions tls) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(door.host())
            .setPort(port(door))
            .setTcpNoDelay(true)
            // Everything is written by the event loop: else sixteen writes wait behind a full
            // socket.
            .setStrictThreadMode(true)
            .setMaxHeaderSize(door.headerSize().toInt())
            .setMaxInitialLineLength(door.requestLine().toInt())
            .setHttp2ClearTextEnabled(door.h2c())
            // WebSockets pass through as they are: their compression is negotiated end to end.
            .setPerMessageWebSocketCompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setInitialSettings(streams(door))
            .setHttp2RstFloodMaxRstFramePerWindow(RESETS)
            .setHttp2RstFloodWindowDuration(RESET_SECONDS)
            .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
            .setHttp2MaxSmallContinuationFrames(SMALL_PIECES);
    int headerMillis = Math.toIntExact(door.headerTimeout().toMillis());
    if (door.h2c() && !door.tls().enabled()) {
      // A connection that may become HTTP/2 is admitted with its first request; until then this
      // timeout applies, and not longer (http.Socket).
      options.setIdleTimeout(headerMillis).setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
    }
    return door.tls().enabled() ? encrypted(options, tls, headerMillis) : options;
  }

  private static HttpServerOptions encrypted(
      HttpServerOptions options, ServerSSLOptions tls, int handshakeMillis) {
    return options
        .setSsl(true)
        .setUseAlpn(true)
        .setKeyCertOptions(tls.getKeyCertOptions())
        .setTrustOptions(tls.getTrustOptions())
        .setClientAuth(tls.getClientAuth())
        .setSslHandshakeTimeout(handshakeMillis)
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
  }

  private static Http2Settings streams(ServerConfig door) {
    return new Http2Settings()
        .setMaxConcurrentStreams(door.streams())
        .setMaxHeaderListSize(door.headerSize().toInt());
  }

  // Below zero it is one free port for all event loops; zero would be one for each.
  private static int port(ServerConfig door) {
    return door.port() == 0 ? -1 : door.port();
  }
}
