package dev.refrain.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * One who answers.
 *
 * @param name in metrics and logs
 * @param url base, http or https, without a trailing {@code /} or {@code /v1}; append {@code
 *     /v1/completions} and the like
 * @param models globs of the models it serves; empty is all
 * @param paths globs of the paths it is passed, when they are none of ours; empty is none by rule
 * @param apiKey sent instead of the caller's, if present
 * @param fanout how requests for several choices are asked of it
 * @param connectTimeout longest wait for a connection
 * @param firstByteTimeout longest wait for the first byte of the answer
 * @param idleTimeout longest silence within an answer
 * @param totalTimeout longest whole call
 * @param connections at once, over all event loops
 * @param waiting calls that may wait for a connection
 */
public record UpstreamConfig(
    String name,
    URI url,
    List<String> models,
    List<String> paths,
    Secret apiKey,
    FanoutConfig.Mode fanout,
    Duration connectTimeout,
    Duration firstByteTimeout,
    Duration idleTimeout,
    Duration totalTimeout,
    int connections,
    int waiting) {
  private static final Duration LONGEST = Duration.ofHours(24);

  /** Checks the ranges and brings the URL to its base. */
  public UpstreamConfig {
    Check.name("name", name, "[A-Za-z0-9._-]{1,64}", "1 to 64 letters, digits, '.', '_' or '-'");
    url = BaseUrl.of("url", url);
    models = Check.texts("models", models);
    paths = Check.texts("paths", paths);
    apiKey = apiKey == null ? Secret.NONE : apiKey;
    Check.that(apiKey.isToken(), "apiKey", "printable ASCII without spaces");
    Check.that(fanout != null, "fanout", Expected.of(FanoutConfig.Mode.class));
    Check.duration("connectTimeout", connectTimeout, LONGEST);
    Check.duration("firstByteTimeout", firstByteTimeout, LONGEST);
    Check.duration("idleTimeout", idleTimeout, LONGEST);
    Check.duration("totalTimeout", totalTimeout, LONGEST);
    Check.range("connections", connections, 1, 65_536);
    Check.range("waiting", waiting, 0, 65_536);
  }
}
