package dev.refrain.management;

import dev.refrain.settings.Check;
import dev.refrain.settings.Secret;
import java.time.Duration;

/**
 * Section {@code management}: the management port.
 *
 * @param host address to listen on
 * @param port TCP port; 0 is any free one
 * @param token the token of admin requests; {@link Secret#NONE} requires none
 * @param connections most at once
 * @param requestTimeout longest wait for the first request of a connection, head and body
 * @param reload interval at which the configuration file is checked; zero is never
 */
public record ManagementSettings(
    String host,
    int port,
    Secret token,
    int connections,
    Duration requestTimeout,
    Duration reload) {
  /** Checks the ranges. */
  public ManagementSettings {
    Check.text("host", host);
    Check.port("port", port);
    token = token == null ? Secret.NONE : token;
    Check.that(token.isToken(), "token", "printable ASCII without spaces");
    Check.range("connections", connections, 4, 65_536);
    Check.duration("requestTimeout", requestTimeout, Duration.ofHours(24));
    Check.durationOrNone("reload", reload, Duration.ofHours(24));
  }
}
