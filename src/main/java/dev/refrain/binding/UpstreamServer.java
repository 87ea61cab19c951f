package dev.refrain.binding;

import dev.refrain.config.UpstreamConfig;
import dev.refrain.upstream.RetrySettings;
import dev.refrain.upstream.Upstream;
import dev.refrain.upstream.passthrough.PassThrough.Origin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * One configured upstream and the state that survives reloads while its configuration is unchanged:
 * health, connections, certificates. Safe on any thread.
 *
 * @param config its configuration
 * @param retry its retry settings
 * @param certificates its TLS credentials
 * @param upstream its state as a server of inference calls
 * @param origin its state as a server of pass-through requests
 */
public record UpstreamServer(
    UpstreamConfig config,
    RetrySettings retry,
    UpstreamCertificates certificates,
    Upstream upstream,
    Origin origin) {

  /**
   * A server without health data so far. Fails with a {@code ConfigError} if its certificates
   * cannot be read.
   *
   * @param section of the configuration, for messages
   * @param every interval at which its certificates are checked
   * @param loops number of event loops that share the bounds of the process
   */
  public static Future<UpstreamServer> open(
      Vertx vertx,
      String section,
      UpstreamConfig config,
      RetrySettings retry,
      Duration every,
      int loops) {
    return UpstreamCertificates.load(vertx, section, config, every)
        .map(
            certificates -> {
              UpstreamBinding words = new UpstreamBinding(config, certificates);
              return new UpstreamServer(
                  config, retry, certificates, words.upstream(retry), words.origin(loops));
            });
  }

  /** Whether its configuration is unchanged. */
  public boolean isAs(UpstreamConfig other, RetrySettings otherRetry) {
    return config.equals(other) && retry.equals(otherRetry);
  }

  /** Ends the watch of its certificates; running calls continue. */
  public void close() {
    certificates.close();
  }
}
