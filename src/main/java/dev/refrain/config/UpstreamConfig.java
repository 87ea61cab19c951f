package dev.refrain.config;

import dev.refrain.openai.ModelRoute;
import dev.refrain.settings.Check;
import dev.refrain.settings.ExpectedType;
import dev.refrain.settings.Secret;
import dev.refrain.settings.Size;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Section {@code upstreams[]}: one upstream server.
 *
 * @param name in metrics and logs
 * @param url base, http or https, without a trailing {@code /} or {@code /v1}; append {@code
 *     /v1/completions} and the like
 * @param models globs of the models it serves; empty is all
 * @param paths globs of the pass-through paths that it serves; empty is none by rule
 * @param aliases other names of models it serves, each with its own name for the model
 * @param weight its part of the calls among those of its priority
 * @param priority the lowest number is called first
 * @param apiKey sent instead of the caller's, if present
 * @param credentials which credentials are sent besides {@code apiKey}
 * @param fanout how requests for several choices are sent to it
 * @param connectTimeout longest wait for a connection
 * @param firstByteTimeout longest wait for the first byte of the answer
 * @param idleTimeout longest silence within an answer
 * @param totalTimeout longest whole call
 * @param headerSize most bytes of the header fields of an answer together
 * @param connections calls at once, over all event loops
 * @param waiting calls that may wait for one of them to end
 * @param adaptive whether the number of concurrent calls adapts to the server
 * @param breaker when no call is made
 * @param probe health probe
 * @param proxy {@code http://} or {@code socks5://} proxy on the way; may contain a password;
 *     {@link Secret#NONE} is none
 * @param tls encryption on the way
 * @param headers which header fields are forwarded
 */
public record UpstreamConfig(
    String name,
    URI url,
    List<String> models,
    List<String> paths,
    Map<String, String> aliases,
    int weight,
    int priority,
    Secret apiKey,
    Credentials credentials,
    ModelRoute.Mode fanout,
    Duration connectTimeout,
    Duration firstByteTimeout,
    Duration idleTimeout,
    Duration totalTimeout,
    Size headerSize,
    int connections,
    int waiting,
    Adaptive adaptive,
    Breaker breaker,
    Probe probe,
    Secret proxy,
    UpstreamTls tls,
    UpstreamHeaders headers) {
  private static final Size LARGEST_HEADER = new Size(1 << 20);
  private static final Duration LONGEST = Duration.ofHours(24);

  /** Checks the ranges and brings the URL to its base. */
  public UpstreamConfig {
    Check.name("name", name, "[A-Za-z0-9._-]{1,64}", "1 to 64 letters, digits, '.', '_' or '-'");
    url = BaseUrl.of("url", url);
    models = Check.texts("models", models);
    paths = Check.texts("paths", paths);
    aliases = Check.texts("aliases", aliases);
    Check.range("weight", weight, 1, 1000);
    Check.range("priority", priority, 0, 1000);
    apiKey = apiKey == null ? Secret.NONE : apiKey;
    Check.that(apiKey.isToken(), "apiKey", "printable ASCII without spaces");
    Check.that(credentials != null, "credentials", ExpectedType.of(Credentials.class));
    Check.that(fanout != null, "fanout", ExpectedType.of(ModelRoute.Mode.class));
    Check.duration("connectTimeout", connectTimeout, LONGEST);
    Check.duration("firstByteTimeout", firstByteTimeout, LONGEST);
    Check.duration("idleTimeout", idleTimeout, LONGEST);
    Check.duration("totalTimeout", totalTimeout, LONGEST);
    Check.size("headerSize", headerSize, LARGEST_HEADER);
    Check.range("connections", connections, 1, 65_536);
    Check.range("waiting", waiting, 0, 65_536);
    proxy = proxy == null ? Secret.NONE : proxy;
    Check.proxyUrl("proxy", proxy);
  }

  /** Which credentials are sent to an upstream. */
  public enum Credentials {
    /** The caller's are sent, and they divide the cache. */
    CALLER,
    /** The caller's are not sent, and do not divide the cache. */
    NONE
  }

  /**
   * Whether the number of concurrent calls adapts to the server.
   *
   * @param enabled whether they do
   * @param minimum the lower bound of the limit
   */
  public record Adaptive(boolean enabled, int minimum) {
    /** Checks the range. */
    public Adaptive {
      Check.range("minimum", minimum, 1, 65_536);
    }
  }

  /**
   * Circuit breaker of an upstream.
   *
   * @param failures in a row that open it
   * @param pause how long it stays open at first
   */
  public record Breaker(int failures, Duration pause) {
    /** Checks the ranges. */
    public Breaker {
      Check.range("failures", failures, 1, 1_000_000);
      Check.duration("pause", pause, Duration.ofHours(1));
    }
  }

  /**
   * Health probe of a server.
   *
   * @param path below the upstream's base; empty is no probe
   * @param interval between two of them
   */
  public record Probe(String path, Duration interval) {
    /** Checks the ranges. */
    public Probe {
      Check.name("path", path, "(/[!-~]*)?", "empty, or a path that begins with /");
      Check.duration("interval", interval, Duration.ofHours(1));
    }
  }

  /**
   * Which header fields are forwarded to an upstream and back.
   *
   * @param allow names of the request that are sent; empty is all
   * @param drop names of the request that are not sent
   * @param hide names of its answers that are not passed back
   */
  public record UpstreamHeaders(List<String> allow, List<String> drop, List<String> hide) {
    /** Checks the names. */
    public UpstreamHeaders {
      allow = Check.headerNames("allow", allow);
      drop = Check.headerNames("drop", drop);
      hide = Check.headerNames("hide", hide);
    }
  }

  /**
   * TLS towards an https upstream: PEM files, empty for none.
   *
   * @param ca certificate authorities that are trusted, instead of the platform's
   * @param cert our certificate, with the intermediate certificates
   * @param key its private key
   * @param serverName the name its certificate must prove, instead of the host of the URL
   * @param verify how much of its certificate is checked
   */
  public record UpstreamTls(String ca, String cert, String key, String serverName, Verify verify) {
    /** Checks that there is a whole identity, or none. */
    public UpstreamTls {
      ca = Check.file(ca);
      cert = Check.file(cert);
      key = Check.file(key);
      serverName = Check.file(serverName);
      Check.pair(cert, key);
      Check.name("serverName", serverName, "[A-Za-z0-9._:-]{0,253}", "a host name, or empty");
      Check.that(verify != null, "verify", ExpectedType.of(Verify.class));
    }

    /** How much of a server certificate is verified. */
    public enum Verify {
      /** Its signature, its dates, and that it is for the requested name. */
      FULL,
      /** Everything except the name. */
      CHAIN,
      /** Nothing. */
      NONE
    }
  }
}
