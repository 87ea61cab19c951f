package dev.refrain.cli;

import dev.refrain.Refrain;
import dev.refrain.config.ConfigLoader;
import dev.refrain.demo.Demo.Proxy;
import io.vertx.core.Future;

/** The proxy as the demo shows it: all defaults, on free ports of the loopback interface. */
record EmbeddedProxy(Refrain refrain) implements Proxy {
  private static final String CONFIGURATION =
      """
      server: {host: 127.0.0.1, port: 0}
      management: {host: 127.0.0.1, port: 0}
      upstreams: [{url: "http://127.0.0.1:%d/v1"}]
      """;

  static Future<Proxy> launch(int upstreamPort) {
    return Refrain.start(ConfigLoader.parse(CONFIGURATION.formatted(upstreamPort)))
        .map(EmbeddedProxy::new);
  }

  @Override
  public int port() {
    return refrain.port();
  }

  @Override
  public int managementPort() {
    return refrain.managementPort();
  }

  @Override
  public Future<Void> stop() {
    return refrain.stop();
  }
}
